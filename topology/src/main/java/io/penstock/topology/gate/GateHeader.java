package io.penstock.topology.gate;

import io.penstock.schemas.Names;
import java.nio.ByteBuffer;
import java.util.OptionalLong;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/** The header of a gated record: the offset that it has on its lane. */
final class GateHeader {
  private GateHeader() {}

  /** The headers of a record of the lane, and where it comes from. */
  static Headers with(Headers headers, long offset) {
    byte[] value = ByteBuffer.allocate(Long.BYTES).putLong(offset).array();
    return new RecordHeaders(headers).add(Names.HEADER_GATED, value);
  }

  /** Where a record comes from; empty for one that did not come through the gate. */
  static OptionalLong offset(Headers headers) {
    Header header = headers.lastHeader(Names.HEADER_GATED);
    return header == null || header.value() == null || header.value().length != Long.BYTES
        ? OptionalLong.empty()
        : OptionalLong.of(ByteBuffer.wrap(header.value()).getLong());
  }
}
