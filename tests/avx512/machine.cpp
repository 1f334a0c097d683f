// SPDX-License-Identifier: MIT
// The least of an operating system: loads the static Linux program that the first disk is, and answers the few system
// calls by which it writes its results. Nothing of files, a clock or a second thread.
#include <cstddef>
#include <cstdint>

namespace {

// The machine's memory.
constexpr std::uint64_t program_file = 0x4000000;
constexpr std::uint64_t first_break = 0x8000000;
constexpr std::uint64_t stack_top = 0x18000000;
constexpr std::uint64_t first_mapping = stack_top;
constexpr std::uint64_t last_mapping = 0x40000000;

struct ElfHeader {
  std::uint8_t identity[16];
  std::uint16_t type, machine;
  std::uint32_t version;
  std::uint64_t entry, segments, sections;
  std::uint32_t flags;
  std::uint16_t size, segment_size, segment_count;
};

struct ElfSegment {
  std::uint32_t type, flags;
  std::uint64_t offset, address, physical, file_size, size, alignment;
};

void out(std::uint16_t port, std::uint8_t byte) {
  asm volatile("outb %0, %1" : : "a"(byte), "d"(port));
}

std::uint8_t in(std::uint16_t port) {
  std::uint8_t byte;
  asm volatile("inb %1, %0" : "=a"(byte) : "d"(port));
  return byte;
}

/// To the first serial line.
void print(const char* text, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    while ((in(0x3fd) & 0x20) == 0) {
    }
    out(0x3f8, static_cast<std::uint8_t>(text[i]));
  }
}

void print(const char* text) {
  std::size_t size = 0;
  while (text[size] != 0) ++size;
  print(text, size);
}

void print(std::uint64_t number) {
  if (number > 9) print(number / 10);
  const char digit = static_cast<char>('0' + number % 10);
  print(&digit, 1);
}

/// Says the program's status and ends the emulator.
[[noreturn]] void power_off(std::uint64_t status) {
  print("exit status ");
  print(status);
  print("\n");
  while ((in(0x3fd) & 0x40) == 0) {
  }
  for (;;) {
    for (const char* text = "Shutdown"; *text != 0; ++text) out(0x8900, static_cast<std::uint8_t>(*text));
  }
}

// Zero at first: nothing but code is in the file.
std::uint64_t end_of_break, mapped;

constexpr std::uint64_t error(std::uint64_t number) {
  return 0 - number;
}
constexpr std::uint64_t no_entry = error(2), no_memory = error(12), invalid = error(22), no_such_call = error(38);

std::uint64_t map(std::uint64_t size) {
  const std::uint64_t begin = first_mapping + mapped;
  mapped += (size + 0xfff) / 0x1000 * 0x1000;
  return first_mapping + mapped <= last_mapping ? begin : no_memory;
}

std::uint64_t tell_time(std::uint64_t* seconds_and_nanoseconds) {
  std::uint32_t low, high;
  asm volatile("rdtsc" : "=a"(low), "=d"(high));
  const std::uint64_t ticks = std::uint64_t{high} << 32 | low;
  seconds_and_nanoseconds[0] = ticks / 1000000000;
  seconds_and_nanoseconds[1] = ticks % 1000000000;
  return 0;
}

std::uint64_t write_parts(const std::uint64_t* parts, std::uint64_t count) {
  std::uint64_t written = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    print(reinterpret_cast<const char*>(parts[2 * i]), parts[2 * i + 1]);
    written += parts[2 * i + 1];
  }
  return written;
}

std::uint64_t set_thread_pointer(std::uint64_t code, std::uint64_t address) {
  constexpr std::uint64_t set_fs = 0x1002;
  if (code != set_fs) return invalid;
  asm volatile("wrmsr"
               :
               : "a"(static_cast<std::uint32_t>(address)), "d"(static_cast<std::uint32_t>(address >> 32)),
                 "c"(0xc0000100));
  return 0;
}

}  // namespace

extern "C" std::uint64_t system_call(std::uint64_t number, std::uint64_t first, std::uint64_t second,
                                     std::uint64_t third) {
  switch (number) {
    case 1:
      print(reinterpret_cast<const char*>(second), third);
      return third;
    case 9:
      return map(second);
    case 12:
      if (first >= first_break && first < stack_top - 0x800000) end_of_break = first;
      return end_of_break < first_break ? first_break : end_of_break;
    case 20:
      return write_parts(reinterpret_cast<const std::uint64_t*>(second), third);
    case 79:  // getcwd
      reinterpret_cast<char*>(first)[0] = '/';
      reinterpret_cast<char*>(first)[1] = 0;
      return 2;
    case 158:
      return set_thread_pointer(first, second);
    case 228:
      return tell_time(reinterpret_cast<std::uint64_t*>(second));
    case 231:
      power_off(first);
    case 234:
      power_off(128 + third);  // tgkill
    case 257:
      return no_entry;  // openat
    // mprotect, munmap, rt_sigaction, rt_sigprocmask, madvise, futex, set_robust_list
    case 10:
    case 11:
    case 13:
    case 14:
    case 28:
    case 202:
    case 273:
      return 0;
    case 39:
    case 186:
    case 218:
      return 1;  // getpid, gettid, set_tid_address
    default:
      return no_such_call;
  }
}

/// `count` sectors of the first disk from `first`.
void read_disk(std::uint64_t first, std::uint64_t count, std::uint8_t* to) {
  constexpr std::uint16_t data = 0x1f0, command = 0x1f7;
  for (std::uint64_t sector = first; sector < first + count; ++sector) {
    out(0x1f2, 1);
    for (int i = 0; i < 3; ++i) out(static_cast<std::uint16_t>(0x1f3 + i), static_cast<std::uint8_t>(sector >> 8 * i));
    out(0x1f6, static_cast<std::uint8_t>(0xe0 | sector >> 24));
    out(command, 0x20);
    while ((in(command) & 0x88) != 0x08) {
    }
    std::uint64_t words = 256;
    asm volatile("rep insw" : "+D"(to), "+c"(words) : "d"(data) : "memory");
  }
}

extern "C" [[noreturn]] void enter(std::uint64_t entry, std::uint64_t* stack);

/// A program's first stack is the count of its arguments, these, its environment, and what it should know of itself.
extern "C" [[noreturn]] void run_program() {
  out(0x3fb, 3);  // Eight bits a character.
  auto* const file = reinterpret_cast<std::uint8_t*>(program_file);
  read_disk(0, 1, file);
  const auto* const header = reinterpret_cast<const ElfHeader*>(program_file);
  // Of a stripped program the table of sections is the last.
  read_disk(0, header->sections / 512 + 8, file);
  const auto* const segments = reinterpret_cast<const ElfSegment*>(program_file + header->segments);
  std::uint64_t segments_address = 0;
  for (int i = 0; i < header->segment_count; ++i) {
    const ElfSegment& s = segments[i];
    if (s.type != 1) continue;
    auto* const to = reinterpret_cast<std::uint8_t*>(s.address);
    const auto* const from = reinterpret_cast<const std::uint8_t*>(program_file + s.offset);
    for (std::uint64_t k = 0; k < s.size; ++k) to[k] = k < s.file_size ? from[k] : std::uint8_t{0};
    if (s.offset == 0) segments_address = s.address + header->segments;
  }
  static const char name[] = "program";
  const auto address = reinterpret_cast<std::uint64_t>(name);
  const std::uint64_t first[] = {1,
                                 address,
                                 0,
                                 0,
                                 /* AT_PHDR */ 3,
                                 segments_address,
                                 /* AT_PHENT */ 4,
                                 header->segment_size,
                                 /* AT_PHNUM */ 5,
                                 header->segment_count,
                                 /* AT_PAGESZ */ 6,
                                 0x1000,
                                 /* AT_RANDOM */ 25,
                                 program_file,
                                 0,
                                 0};
  auto* const stack = reinterpret_cast<std::uint64_t*>(stack_top - 0x1000);
  for (std::size_t i = 0; i < sizeof(first) / sizeof(*first); ++i) stack[i] = first[i];
  enter(header->entry, stack);
}
