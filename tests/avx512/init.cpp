// SPDX-License-Identifier: MIT
// The first process of the emulated machine: runs the program that /program names (its arguments, a line each; what it
// finds in its environment comes before them, as NAME=VALUE), says its exit status and ends the machine.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

namespace {

[[noreturn]] void become_program() {
  std::ifstream file{"/program"};
  std::string line;
  while (std::getline(file, line) && !line.empty()) ::putenv(strdup(line.c_str()));
  std::vector<std::string> lines;
  while (std::getline(file, line)) lines.push_back(line);
  std::vector<char*> arguments;
  for (std::string& argument : lines) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  if (::chdir("/work") == 0) ::execv(arguments[0], arguments.data());
  std::perror(arguments[0]);
  std::_Exit(127);
}

}  // namespace

int main() {
  ::mount("proc", "/proc", "proc", 0, nullptr);
  ::mount("sys", "/sys", "sysfs", 0, nullptr);
  ::mount("dev", "/dev", "devtmpfs", 0, nullptr);
  const pid_t program = ::fork();
  if (program == 0) become_program();
  int status = 0;
  ::waitpid(program, &status, 0);
  std::printf("exit status %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  std::fflush(stdout);
  ::tcdrain(STDOUT_FILENO);
  ::reboot(RB_AUTOBOOT);
}
