// SPDX-License-Identifier: Apache-2.0
#include "commands/completion_scripts.hpp"

#include <algorithm>
#include <array>

namespace cli {

namespace {

struct Script {
  std::string_view shell;
  std::string_view text;
};

// Each script passes the words to the program, which knows its own options, and leaves files to the shell, which knows
// how to quote them. The program is the one in the PATH, so that no key runs a program of the current directory.

constexpr std::string_view bash = R"(# Completion of pkigen for bash.
_pkigen() {
  local word words=() kind _
  # Of "--flag=value" readline makes three words, and it passes quotes and backslashes.
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    word=${word//[\\\"\']/}
    [[ $word == "=" ]] || words+=("$word")
  done
  COMPREPLY=()
  {
    read -r kind
    case $kind in
      files) compopt -o default ;;
      directories) compopt -o filenames -o dirnames ;;
      words)
        while IFS=$'\t' read -r word _; do
          [[ $word != "$2"* ]] || COMPREPLY+=("$word")
        done
        ;;
    esac
  } < <(command pkigen __complete "${words[@]}" "$2" 2>/dev/null)
} && complete -F _pkigen pkigen
)";

constexpr std::string_view zsh = R"(#compdef pkigen
# Completion of pkigen for zsh.
_pkigen() {
  local line
  local -a lines candidates
  lines=("${(@f)$(command pkigen __complete "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
  compset -P '--*='
  case $lines[1] in
    files) _files ;;
    directories) _files -/ ;;
    words)
      for line in "${(@)lines[2,-1]}"; do
        candidates+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
      done
      _describe pkigen candidates
      ;;
  esac
}
if [[ $funcstack[1] == _pkigen ]]; then
  _pkigen "$@"
else
  compdef _pkigen pkigen
fi
)";

constexpr std::string_view fish = R"(# Completion of pkigen for fish.
function __pkigen_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines (command pkigen __complete $words[2..-1] $current 2>/dev/null)
    set -l prefix (string match -r -- '^--[^=]*=' $current)
    set -l value (string replace -r -- '^--[^=]*=' '' $current | string unescape)
    switch "$lines[1]"
        case files
            set lines '' (__fish_complete_path "$value")
        case directories
            set lines '' (__fish_complete_directories "$value" '')
    end
    for line in $lines[2..-1]
        printf '%s\n' "$prefix$line"
    end
end
complete -c pkigen -f -a '(__pkigen_complete)'
)";

constexpr std::array scripts{Script{"bash", bash}, Script{"zsh", zsh}, Script{"fish", fish}};

}  // namespace

std::vector<std::string_view> completion_shells() {
  std::vector<std::string_view> names;
  for (const auto& script : scripts)
    names.push_back(script.shell);
  return names;
}

std::string_view completion_script(std::string_view shell) {
  const auto* script = std::ranges::find(scripts, shell, &Script::shell);
  return script == scripts.end() ? std::string_view() : script->text;
}

}  // namespace cli
