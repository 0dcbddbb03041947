#include "dataplane/srtp/gcm_batch.h"

#include <span>

namespace causeway::srtp {

void GcmBatch::seal(IMB_MGR& manager) {
  for (Job& job : std::span(jobs_).first(count_)) {
    gcm_context_data context;
    const auto cipher = job.long_key ? manager.gcm256_enc : manager.gcm128_enc;
    cipher(&job.key->data, &context, job.to, job.from, job.length, job.iv.data(), job.aad, job.aad_length,
           job.tag, kTagLength);
  }
}

void GcmBatch::open(IMB_MGR& manager) {
  for (Job& job : std::span(jobs_).first(count_)) {
    gcm_context_data context;
    const auto cipher = job.long_key ? manager.gcm256_dec : manager.gcm128_dec;
    cipher(&job.key->data, &context, job.to, job.from, job.length, job.iv.data(), job.aad, job.aad_length,
           job.tag, kTagLength);
  }
}

}  // namespace causeway::srtp
