// SPDX-License-Identifier: Apache-2.0
#include "page.hpp"

#include <string>

#include <CLI/CLI.hpp>

#include <support/catch.hpp>

namespace {

const manual::Edition edition{"2026-01-31", "1.2.3"};

}  // namespace

TEST_CASE("A text for man(7) has no requests and no escapes of its own") {
  struct Case {
    const char* text;
    const char* roff;
  };
  for (const auto& [text, roff] : {
           Case{"plain", "plain"},
           Case{"--cert-dir", "\\-\\-cert\\-dir"},
           Case{".TH", "\\&.TH"},
           Case{"'s", "\\&\\(aqs"},
           Case{"a.b", "a.b"},
           Case{"C:\\n", "C:\\en"},
           Case{"see `pkigen backups` first", "see \\fBpkigen backups\\fR first"},
           Case{"", ""},
       }) {
    INFO(text);
    CHECK(manual::to_roff(text) == roff);
  }
}

TEST_CASE("The page of a command has the written sections around its options and exit statuses") {
  CLI::App app{"Makes a PKI.", "pkigen"};
  std::string value;
  auto* command = app.add_subcommand("make", "Make it");
  command->add_option("ROW", value, "This one [all]")->option_text(" ");
  command->add_option("-f,--file", value, "A file")->option_text("FILE");
  command->footer("Some words.\n\nExit status:\n  0  done\n  1  failed");
  CHECK(manual::command_page(app, command, ".SH DESCRIPTION\nIt makes.\n.SH FILES\nNone.\n", edition) ==
        R"(.TH "PKIGEN\-MAKE" 1 "2026-01-31" "pkigen 1.2.3" "Kubernetes PKI"
.SH NAME
pkigen\-make \- make it
.SH SYNOPSIS
\fBpkigen make\fR [\fIOPTION\fR]... [\fIROW\fR]
.SH DESCRIPTION
It makes.
.SH OPTIONS
.TP
\fIROW\fR
This one.
Default: all.
.TP
\fB\-h\fR, \fB\-\-help\fR
Print this help message and exit.
.TP
\fB\-f\fR, \fB\-\-file\fR \fIFILE\fR
A file.
.SH EXIT STATUS
.TP
\fB0\fR
done.
.TP
\fB1\fR
failed.
.SH FILES
None.
)");
}

TEST_CASE("A page needs a description, and a help with exit statuses") {
  CLI::App app{"Makes a PKI.", "pkigen"};
  auto* command = app.add_subcommand("make", "Make it");
  CHECK_THROWS_WITH(manual::command_page(app, command, ".SH DESCRIPTION\nIt makes.\n", edition),
                    contains("make: its help has no exit statuses"));
  command->footer("Exit status:\n  0  done");
  CHECK_THROWS_WITH(manual::command_page(app, command, ".SH FILES\nNone.\n", edition), contains("pkigen-make"));
  CHECK_THROWS_WITH(manual::command_page(app, command, "", edition), contains("begin with DESCRIPTION"));
  CHECK(manual::command_page(app, command, ".SH DESCRIPTION\nIt makes.\n", edition).ends_with("\\fB0\\fR\ndone.\n"));
}

TEST_CASE("A written page has its title and section from its name") {
  CHECK(manual::written_page("pkigen.yaml.5", ".SH NAME\n", edition) ==
        ".TH \"PKIGEN.YAML\" 5 \"2026-01-31\" \"pkigen 1.2.3\" \"Kubernetes PKI\"\n.SH NAME\n");
}
