// Quiescent-state based reclamation: the workers' side is rte_rcu_qsbr itself, control's side is
// GracePeriods.
#pragma once

#include <cstdint>

#include "dataplane/grace.h"

struct rte_rcu_qsbr;

namespace causeway {

class Qsbr : public GracePeriods {
 public:
  Qsbr();  // for readers on any lcore; throws std::bad_alloc. After the EAL started
  ~Qsbr() override;
  Qsbr(const Qsbr&) = delete;
  Qsbr& operator=(const Qsbr&) = delete;

  rte_rcu_qsbr* get() const { return qsbr_; }
  std::uint64_t begin() override;
  bool passed(std::uint64_t token) override;

 private:
  rte_rcu_qsbr* qsbr_;
};

}  // namespace causeway
