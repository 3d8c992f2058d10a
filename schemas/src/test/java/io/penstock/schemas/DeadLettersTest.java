package io.penstock.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

class DeadLettersTest {
  @Test
  void aDeadLetterSaysWhereItCameFromAndWhyBesideWhatItSaidBefore() {
    Headers headers = new RecordHeaders().add("trace", new byte[] {'7'});

    DeadLetters.mark(headers, "work.express", 3, 41L, "not a dispatch: ütf-8");

    assertThat(
            Arrays.stream(headers.toArray())
                .collect(
                    Collectors.toMap(
                        Header::key, h -> new String(h.value(), StandardCharsets.UTF_8))))
        .isEqualTo(
            Map.of(
                "trace",
                "7",
                Names.HEADER_TOPIC,
                "work.express",
                Names.HEADER_PARTITION,
                "3",
                Names.HEADER_OFFSET,
                "41",
                Names.HEADER_REASON,
                "not a dispatch: ütf-8"));
  }
}
