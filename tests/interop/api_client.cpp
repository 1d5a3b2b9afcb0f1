// SPDX-License-Identifier: Apache-2.0
// Calls an API server through the library, for the tests that play one and for those that start the real one.
//
// usage: api-client do=ACTION,… kubeconfig=FILE name=NAME request=FILE signer=NAME usages=USAGE,…
//                   [expiration=SECONDS] [timeout=MS] [interval=MS] [now=UNIX] [stop=MS]
//                   [key=FILE ca=FILE profile=server|client cn=NAME o=NAME,… sans=NAME,…]
//
// The actions are submit, approve, wait, check and delete. Prints one line for each; an error goes to stderr as
// "RULE: SUBJECT: MESSAGE", with exit status 1.
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <ranges>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <pki/cluster_api.hpp>
#include <pki/error.hpp>

namespace {

using Arguments = std::map<std::string, std::string>;

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> list(const std::string& text) {
  std::vector<std::string> items;
  for (std::size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find(',', begin), text.size());
    items.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return items;
}

std::vector<pki::GeneralName> names(const std::string& text) {
  std::vector<pki::GeneralName> result;
  for (const auto& name : list(text)) {
    const bool address = name.find_first_not_of("0123456789.") == std::string::npos;
    result.push_back({address ? pki::GeneralName::Kind::ip : pki::GeneralName::Kind::dns, name});
  }
  return result;
}

pki::ApiExpectation expectation(Arguments& arguments) {
  pki::ApiExpectation expected;
  expected.public_key_sha256 = pki::parse_private_key(read(arguments["key"]), "key").public_key_sha256();
  expected.spec.profile = arguments["profile"] == "server" ? pki::Profile::server : pki::Profile::client;
  expected.spec.common_name = arguments["cn"];
  expected.spec.organizations = list(arguments["o"]);
  expected.spec.sans = names(arguments["sans"]);
  expected.ca_certificates = pki::parse_certificates(read(arguments["ca"]), "ca");
  return expected;
}

pki::ApiOptions options_of(Arguments& arguments, const std::stop_token& stop) {
  const auto number = [&](const char* name, long otherwise) {
    return arguments[name].empty() ? otherwise : std::stol(arguments[name]);
  };
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  pki::ApiOptions options;
  options.now = std::chrono::sys_seconds(std::chrono::seconds(number("now", now.time_since_epoch().count())));
  options.timeout = std::chrono::milliseconds(number("timeout", 5000));
  options.interval = std::chrono::milliseconds(number("interval", 100));
  options.stop = stop;
  options.progress = [](const pki::ApiWait& wait) {
    std::printf("waiting approved=%d %s\n", wait.approved ? 1 : 0, wait.problem.c_str());
  };
  return options;
}

void run(Arguments& arguments, const std::stop_token& stop) {
  const auto credentials = pki::read_api_credentials(arguments["kubeconfig"]);
  pki::ApiRequestSpec spec{
      arguments["name"], {arguments["signer"], list(arguments["usages"])}, read(arguments["request"]), std::nullopt};
  if (!arguments["expiration"].empty()) spec.expiration = std::chrono::seconds(std::stol(arguments["expiration"]));
  const auto options = options_of(arguments, stop);
  pki::ApiRequest request;
  for (const auto& action : list(arguments["do"])) {
    if (action == "submit") {
      request = pki::submit_request(credentials, spec, options);
      std::printf("submitted %s\n", request.name.c_str());
    } else if (action == "approve") {
      request = pki::approve_request(credentials, request, "Test", "approved by a test", options);
      std::printf("approved %s\n", request.name.c_str());
    } else if (action == "wait") {
      request = pki::wait_for_certificate(credentials, request, options);
      std::printf("issued %s\n", request.name.c_str());
    } else if (action == "check") {
      const auto chain = pki::check_answer(request, expectation(arguments), options.now);
      std::printf("checked %zu\n%s", chain.size(), chain.front().pem.c_str());
    } else if (action == "delete") {
      pki::delete_request(credentials, request, options);
      std::printf("deleted %s\n", request.name.c_str());
    }
  }
}

void print(const pki::Finding& finding) {
  std::fprintf(stderr, "%s: %s: %s\n", std::string(to_string(finding.rule)).c_str(), finding.subject.c_str(),
               finding.message.c_str());
}

}  // namespace

int main(int count, char** words) {
  Arguments arguments;
  for (int i = 1; i < count; ++i) {
    const std::string_view word(words[i]);
    const auto mark = word.find('=');
    if (mark != std::string_view::npos) arguments[std::string(word.substr(0, mark))] = word.substr(mark + 1);
  }
  std::stop_source stop;
  std::jthread stopper([&stop, &arguments](const std::stop_token& done) {
    if (arguments.find("stop") == arguments.end()) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(std::stol(arguments.at("stop"))));
    if (!done.stop_requested()) stop.request_stop();
  });
  try {
    run(arguments, stop.get_token());
  } catch (const pki::Error& error) {
    print(error.finding());
    for (const auto& finding : error.further())
      print(finding);
    return 1;
  }
  return 0;
}
