// SPDX-License-Identifier: MIT
// Parsing of parameter lines and conversion of their values. Counterpart: kernel/params.c,
// lib/kstrtox.c.
#include "kern/module_params.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <limits>
#include <optional>

#include "kern/log.hpp"
#include "sched/driver_call.hpp"

namespace vmsim::kern {

namespace {

constexpr std::size_t kCharpMaxBytes = 1024;

/// kstrto*(): an optional sign, base by prefix, at most one newline behind. errno in `error`.
struct Number {
  bool negative = false;
  u64 magnitude = 0;
  int error = 0;
};

Number parse_number(std::string_view text) {
  Number n;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    n.negative = text[0] == '-';
    text.remove_prefix(1);
  }
  unsigned base = 10;
  if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X') &&
      std::isxdigit(static_cast<unsigned char>(text[2]))) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text[0] == '0') {
    base = 8;
  }
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.empty()) n.error = EINVAL;
  for (const char c : text) {
    const int lower = std::tolower(static_cast<unsigned char>(c));
    const unsigned digit = std::isdigit(lower)   ? static_cast<unsigned>(lower - '0')
                           : std::isalpha(lower) ? static_cast<unsigned>(lower - 'a') + 10
                                                 : base;
    if (digit >= base) {
      n.error = EINVAL;
      return n;
    }
    if (n.magnitude > (std::numeric_limits<u64>::max() - digit) / base) n.error = ERANGE;
    n.magnitude = n.magnitude * base + digit;
  }
  return n;
}

template <class T>
int store_number(std::string_view text, void* to) {
  const Number n = parse_number(text);
  if (n.error != 0) return n.error;
  constexpr u64 kMax = static_cast<u64>(std::numeric_limits<T>::max());
  if constexpr (std::is_signed_v<T>) {
    if (n.magnitude > kMax + (n.negative ? 1 : 0)) return ERANGE;
  } else {
    if (n.negative) return EINVAL;
    if (n.magnitude > kMax) return ERANGE;
  }
  const T value = static_cast<T>(n.negative ? u64{0} - n.magnitude : n.magnitude);
  std::memcpy(to, &value, sizeof(T));
  return 0;
}

std::optional<bool> parse_bool(std::string_view text) {
  if (text.empty()) return std::nullopt;
  switch (text[0]) {
    case 'y':
    case 'Y':
    case 't':
    case 'T':
    case '1':
      return true;
    case 'n':
    case 'N':
    case 'f':
    case 'F':
    case '0':
      return false;
    case 'o':
    case 'O':
      if (text.size() > 1 && (text[1] == 'n' || text[1] == 'N')) return true;
      if (text.size() > 1 && (text[1] == 'f' || text[1] == 'F')) return false;
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

/// Until 3.3 the variable of a bool parameter may be an int: the record's size tells.
bool is_int_sized(const kernel_param& param) {
  return param.size == sizeof(i32);
}

int store_bool(const kernel_param& param, const ParamWord& word, bool inverted, void* to) {
  const std::optional<bool> value = word.given ? parse_bool(word.value) : true;
  if (!value) return EINVAL;
  // The first byte alone is the bool.
  const i32 stored = *value != inverted ? 1 : 0;
  std::memcpy(to, &stored, is_int_sized(param) ? sizeof(stored) : sizeof(u8));
  return 0;
}

int store_charp(const ParamTarget& target, const std::string& text, void* to) {
  if (text.size() > kCharpMaxBytes) {
    target.log.print(std::string(target.module_name) + ": string parameter too long\n", Log::kErr);
    return ENOSPC;
  }
  const char* kept = target.owned.emplace_back(text).c_str();
  std::memcpy(to, &kept, sizeof(kept));
  return 0;
}

int store_string(const kernel_param& param, const std::string& text) {
  if (text.size() + 1 > param.size) return ENOSPC;
  std::memcpy(param.arg, text.c_str(), text.size() + 1);
  return 0;
}

int store_callback(const kernel_param& param, const ParamWord& word) {
  if (param.ops == nullptr || param.ops->set == nullptr) return EPERM;
  const char* text = word.given ? word.value.c_str() : nullptr;
  const auto outcome = sched::DriverCall::call(param.ops->set, text, &param);
  if (!outcome) return sched::kErrOops;
  return *outcome < 0 ? -*outcome : 0;
}

/// Stores one element at `to`. Returns a positive errno.
int store_element(const ParamTarget& target, const kernel_param& param, const ParamWord& word,
                  void* to) {
  const bool flag = param.type == VMSIM_PARAM_BOOL || param.type == VMSIM_PARAM_INVBOOL;
  if (!word.given && !flag && param.type != VMSIM_PARAM_CALLBACK) return EINVAL;
  switch (param.type) {
    case VMSIM_PARAM_BYTE:
      return store_number<u8>(word.value, to);
    case VMSIM_PARAM_SHORT:
      return store_number<std::int16_t>(word.value, to);
    case VMSIM_PARAM_USHORT:
      return store_number<u16>(word.value, to);
    case VMSIM_PARAM_INT:
      return store_number<i32>(word.value, to);
    case VMSIM_PARAM_UINT:
      return store_number<u32>(word.value, to);
    case VMSIM_PARAM_LONG:
      return store_number<i64>(word.value, to);
    case VMSIM_PARAM_ULONG:
    case VMSIM_PARAM_ULLONG:
      return store_number<u64>(word.value, to);
    case VMSIM_PARAM_CHARP:
      return store_charp(target, word.value, to);
    case VMSIM_PARAM_BOOL:
      return store_bool(param, word, false, to);
    case VMSIM_PARAM_INVBOOL:
      return store_bool(param, word, true, to);
    case VMSIM_PARAM_STRING:
      return store_string(param, word.value);
    case VMSIM_PARAM_CALLBACK:
      return store_callback(param, word);
  }
  return EINVAL;
}

int store_array(const ParamTarget& target, const kernel_param& param, const ParamWord& word) {
  if (!word.given) return EINVAL;
  unsigned count = 0;
  std::string_view rest = word.value;
  for (bool more = true; more; ++count) {
    if (count == param.max) {
      target.log.print(
          std::string(param.name) + ": can only take " + std::to_string(param.max) + " arguments\n",
          Log::kErr);
      return EINVAL;
    }
    const std::size_t comma = rest.find(',');
    more = comma != std::string_view::npos;
    const ParamWord element{word.name, std::string(rest.substr(0, comma)), true};
    rest.remove_prefix(more ? comma + 1 : rest.size());
    const int error = store_element(
        target, param, element, static_cast<char*>(param.arg) + std::size_t{count} * param.size);
    if (error != 0) return error;
  }
  if (param.num != nullptr) *param.num = count;
  return 0;
}

/// 0 or an errno.
int store(const ParamTarget& target, const kernel_param& param, const ParamWord& word) {
  const bool array =
      param.max > 1 && param.type != VMSIM_PARAM_STRING && param.type != VMSIM_PARAM_CALLBACK;
  return array ? store_array(target, param, word) : store_element(target, param, word, param.arg);
}

/// Dashes and underscores are one character in names.
bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return (x == '-' ? '_' : x) == (y == '-' ? '_' : y); });
}

Result<void> store_word(const ParamTarget& target, const ParamWord& word) {
  const auto param = std::find_if(
      target.params.begin(), target.params.end(),
      [&](const kernel_param& p) { return p.name != nullptr && same_name(p.name, word.name); });
  const std::string module_name(target.module_name);
  if (param == target.params.end()) {
    if (target.version >= kernel_version(3, 11, 0)) {
      target.log.print(module_name + ": unknown parameter '" + word.name + "' ignored\n",
                       Log::kWarning);
      return {};
    }
    const std::string why = module_name + ": Unknown parameter `" + word.name + "'";
    target.log.print(why + "\n", Log::kErr);
    return fail(ENOENT, why);
  }
  const int error = store(target, *param, word);
  if (error == 0) return {};
  if (error == sched::kErrOops) return sched::oopsed();
  const std::string why = module_name + ": `" + word.value + "' " +
                          (error == ENOSPC ? "too large" : "invalid") + " for parameter `" +
                          word.name + "'";
  target.log.print(why + "\n", Log::kErr);
  return fail(error, why);
}

template <class T>
std::string number_text(const void* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return std::to_string(value);
}

std::string bool_text(const kernel_param& param, const void* from, bool inverted) {
  i32 value = 0;
  std::memcpy(&value, from, is_int_sized(param) ? sizeof(value) : sizeof(u8));
  return (value != 0) != inverted ? "Y" : "N";
}

std::string element_text(const kernel_param& param, const void* from) {
  switch (param.type) {
    case VMSIM_PARAM_BYTE:
      return number_text<u8>(from);
    case VMSIM_PARAM_SHORT:
      return number_text<std::int16_t>(from);
    case VMSIM_PARAM_USHORT:
      return number_text<u16>(from);
    case VMSIM_PARAM_INT:
      return number_text<i32>(from);
    case VMSIM_PARAM_UINT:
      return number_text<u32>(from);
    case VMSIM_PARAM_LONG:
      return number_text<i64>(from);
    case VMSIM_PARAM_ULONG:
    case VMSIM_PARAM_ULLONG:
      return number_text<u64>(from);
    case VMSIM_PARAM_BOOL:
      return bool_text(param, from, false);
    case VMSIM_PARAM_INVBOOL:
      return bool_text(param, from, true);
    case VMSIM_PARAM_STRING:
      return static_cast<const char*>(from);
    case VMSIM_PARAM_CHARP: {
      const char* text = nullptr;
      std::memcpy(&text, from, sizeof(text));
      return text == nullptr ? "(null)" : text;
    }
    case VMSIM_PARAM_CALLBACK:
      break;
  }
  return {};
}

std::string callback_text(const kernel_param& param) {
  if (param.ops == nullptr || param.ops->get == nullptr) return {};
  std::vector<char> buffer(kPageSize);
  const auto outcome = sched::DriverCall::call(param.ops->get, buffer.data(), &param);
  if (!outcome || *outcome < 0) return {};
  std::string text(buffer.data(),
                   std::min<std::size_t>(static_cast<std::size_t>(*outcome), buffer.size()));
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace

std::vector<ParamWord> split_params(std::string_view line) {
  std::vector<ParamWord> words;
  std::size_t at = 0;
  auto blank = [&](std::size_t i) {
    return std::isspace(static_cast<unsigned char>(line[i])) != 0;
  };
  while (at < line.size()) {
    if (blank(at)) {
      ++at;
      continue;
    }
    // Quotes may stand around the whole word or around its value; a blank inside belongs to the
    // word.
    ParamWord word;
    bool quoted = false;
    std::string* into = &word.name;
    for (; at < line.size() && (quoted || !blank(at)); ++at) {
      const char c = line[at];
      if (c == '"') {
        quoted = !quoted;
        const bool opens_word = into->empty() && quoted;
        const bool closes_word = !quoted && (at + 1 == line.size() || blank(at + 1));
        if (opens_word || closes_word) continue;
      }
      if (c == '=' && !word.given) {
        word.given = true;
        into = &word.value;
        continue;
      }
      into->push_back(c);
    }
    words.push_back(std::move(word));
  }
  return words;
}

Result<void> store_params(const ParamTarget& target, std::string_view line) {
  for (const ParamWord& word : split_params(line)) {
    if (word.name == "--") break;
    VMSIM_CHECK(store_word(target, word));
  }
  return {};
}

Result<void> store_param(const ParamTarget& target, const kernel_param& param,
                         const std::string& value) {
  const int error = store(target, param, ParamWord{param.name, value, true});
  if (error == 0) return {};
  if (error == sched::kErrOops) return sched::oopsed();
  return fail(error, "the parameter's new value is refused");
}

std::string param_text(const kernel_param& param) {
  if (param.type == VMSIM_PARAM_CALLBACK) return callback_text(param);
  if (param.max <= 1 || param.type == VMSIM_PARAM_STRING) return element_text(param, param.arg);
  std::string text;
  const unsigned count = param.num != nullptr ? std::min(*param.num, param.max) : param.max;
  for (unsigned i = 0; i < count; ++i) {
    if (i > 0) text.push_back(',');
    text += element_text(param, static_cast<const char*>(param.arg) + std::size_t{i} * param.size);
  }
  return text;
}

}  // namespace vmsim::kern
