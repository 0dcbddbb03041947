// A program that a measurement runs beside itself.
#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

namespace causeway::bench {

// Started on all CPUs that this process had at its start, ended with the object. What it says goes to a file.
class Child {
 public:
  // Throws std::system_error. `log` is written anew.
  Child(const std::vector<std::string>& command, const std::vector<unsigned>& cpus, const std::string& log);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  bool runs();  // false: it has ended by itself

 private:
  pid_t pid_ = -1;
  int input_ = -1;  // its standard input: testpmd goes on until that ends
};

}  // namespace causeway::bench
