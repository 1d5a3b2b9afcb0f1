// SPDX-License-Identifier: Apache-2.0
#include <pki/backup.hpp>

#include "formats/report/json.hpp"

namespace pki::inline PKI_ABI {

namespace {

void describe(formats::Json& object, const Backup& backup) {
  object["id"] = backup.id;
  object["command"] = backup.command;
  object["made"] = formats::json_of(backup.made);
}

}  // namespace

std::string to_json(const std::vector<Backup>& backups) {
  auto list = formats::json_object("BackupList");
  list["backups"] = formats::Json::array();
  for (const auto& backup : backups) {
    auto item = formats::Json::object();
    describe(item, backup);
    list["backups"].push_back(std::move(item));
  }
  return formats::to_text(list);
}

std::string to_json(const UndoResult& result) {
  auto object = formats::json_object("Backup");
  describe(object, result.restored);
  const auto& replaced = result.written.backup;
  object["replaced"] = replaced.empty() ? formats::Json(nullptr) : formats::Json(replaced);
  object["changed"] = result.written.changed;
  object["notes"] = formats::json_of(result.written.notes);
  return formats::to_text(object);
}

std::string recovered_to_json(const std::vector<Finding>& recovered) {
  auto object = formats::json_object("Recovery");
  object["recovered"] = formats::json_of(recovered);
  return formats::to_text(object);
}

}  // namespace pki::inline PKI_ABI
