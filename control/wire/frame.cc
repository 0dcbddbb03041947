#include "control/wire/frame.h"

namespace causeway::control::wire {

FrameError read_frame(std::span<const std::uint8_t> frame, FrameHeader& header,
                      std::span<const std::uint8_t>& records) {
  if (frame.size() < kHeaderBytes) return FrameError::too_short;
  if (frame.size() > kMaxPlainBytes) return FrameError::too_long;
  Reader reader(frame);
  if (reader.u8() != kVersion) return FrameError::version;
  header.from = reader.u8();
  header.flow = reader.u8();
  reader.u8();  // reserved, so that 64-bit fields stand where a dump shows them whole
  header.boot = reader.u64();
  header.to_boot = reader.u64();
  header.sequence = reader.u64();
  if (header.from >= kMaxNodes) return FrameError::sender;
  if (header.flow >= kMaxFlows) return FrameError::flow;
  if (header.boot == 0 || header.sequence == 0) return FrameError::sequence;
  records = frame.subspan(kHeaderBytes);
  for (Reader rest(records); rest.left() > 0;) {
    rest.u8();
    rest.bytes(rest.u16());
    if (rest.failed()) return FrameError::record;
  }
  return FrameError::none;
}

std::optional<Record> next(std::span<const std::uint8_t>& records) {
  if (records.empty()) return std::nullopt;
  Reader reader(records);
  Record record;
  record.type = static_cast<RecordType>(reader.u8());
  record.body = reader.bytes(reader.u16());
  records = records.last(reader.left());
  if (reader.failed()) return std::nullopt;
  return record;
}

std::span<const std::uint8_t> FrameBuilder::finish(const FrameHeader& header) {
  const std::span<std::uint8_t> room(bytes_);
  Writer writer(room.first(kHeaderBytes));
  writer.u8(kVersion);
  writer.u8(header.from);
  writer.u8(header.flow);
  writer.u8(0);
  writer.u64(header.boot);
  writer.u64(header.to_boot);
  writer.u64(header.sequence);
  return room.first(size_);
}

}  // namespace causeway::control::wire
