// Requests on their way from the server's thread to the control thread. Bounded; who asks waits for no lock
// longer than the other thread needs to move a pointer.
#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>

#include "control/api/message.h"

namespace causeway::control::api {

// One request, owned by both threads until it is answered or given up.
class Question {
 public:
  // answer: called on the control thread, at most once.
  Question(Request request, std::function<void(Response)> answer)
      : request_(std::move(request)), answer_(std::move(answer)) {}

  // The server's thread: nobody waits any more. False: it is being answered at this moment.
  bool give_up() { return settle(); }
  // The control thread: false if nobody waits.
  bool take() { return settle(); }

  const Request& request() const { return request_; }
  void answer(Response response) const { answer_(std::move(response)); }

 private:
  bool settle() { return !settled_.exchange(true); }

  Request request_;
  std::function<void(Response)> answer_;
  std::atomic<bool> settled_{false};
};

class Queue {
 public:
  explicit Queue(std::size_t capacity);
  ~Queue();
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;

  // Any thread. False: it is full.
  bool push(std::shared_ptr<Question> question);

  // The control thread. Readable (eventfd) when something waits.
  int fd() const { return fd_; }
  // Null if nothing waits.
  std::shared_ptr<Question> pop();

 private:
  const std::size_t capacity_;
  const int fd_;
  std::mutex mutex_;
  std::deque<std::shared_ptr<Question>> waiting_;
};

}  // namespace causeway::control::api
