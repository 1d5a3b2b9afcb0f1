#include <pki/backup.hpp>

#include "text/json.hpp"

namespace pki {

namespace {

void describe(text::Json& object, const Backup& backup) {
  object["id"] = backup.id;
  object["command"] = backup.command;
  object["made"] = text::json_of(backup.made);
}

}  // namespace

std::string to_json(const std::vector<Backup>& backups) {
  auto list = text::json_object("BackupList");
  list["backups"] = text::Json::array();
  for (const auto& backup : backups) {
    auto item = text::Json::object();
    describe(item, backup);
    list["backups"].push_back(std::move(item));
  }
  return text::to_text(list);
}

std::string to_json(const Backup& backup) {
  auto object = text::json_object("Backup");
  describe(object, backup);
  return text::to_text(object);
}

std::string recovered_to_json(const std::vector<Problem>& recovered) {
  auto object = text::json_object("Recovery");
  object["recovered"] = text::json_of(recovered);
  return text::to_text(object);
}

}  // namespace pki
