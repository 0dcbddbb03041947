#include "control/api/queue.h"

#include <cerrno>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace causeway::control::api {
namespace {

int make_event() {
  const int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE);
  if (fd < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  return fd;
}

}  // namespace

Queue::Queue(std::size_t capacity) : capacity_(capacity), fd_(make_event()) {}

Queue::~Queue() {
  close(fd_);
}

bool Queue::push(std::shared_ptr<Question> question) {
  const std::scoped_lock lock(mutex_);
  if (waiting_.size() >= capacity_) return false;
  waiting_.push_back(std::move(question));
  return eventfd_write(fd_, 1) == 0;  // it counts what waits, so it never overflows
}

std::shared_ptr<Question> Queue::pop() {
  const std::scoped_lock lock(mutex_);
  if (waiting_.empty()) return nullptr;
  eventfd_t one = 0;
  eventfd_read(fd_, &one);
  std::shared_ptr<Question> next = std::move(waiting_.front());
  waiting_.pop_front();
  return next;
}

}  // namespace causeway::control::api
