package io.penstock.workers.provider;

import static io.penstock.workers.provider.Asked.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.schemas.Tokens;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Parts are written as: uncached, read, written, written for an hour, output, reasoning. */
class UsageStyleTest {

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '"',
      nullValues = "none",
      value = {
        // Details are inside the totals.
        "{'prompt_tokens':2000,'completion_tokens':500};                                                           2000 0 0 0 500 0",
        "{'prompt_tokens':2000,'completion_tokens':500,'prompt_tokens_details':{'cached_tokens':1000}};             1000 1000 0 0 500 0",
        "{'prompt_tokens':2000,'completion_tokens':5,'prompt_tokens_details':{'cached_tokens':100,'cache_write_tokens':900}}; 1000 100 900 0 5 0",
        "{'prompt_tokens':1,'completion_tokens':5,'completion_tokens_details':{'reasoning_tokens':4}};              1 0 0 0 5 4",
        "{'prompt_tokens':1,'completion_tokens':5,'prompt_tokens_details':null,'completion_tokens_details':null};   1 0 0 0 5 0",
        // What contradicts itself is cut down to the total.
        "{'prompt_tokens':10,'completion_tokens':5,'prompt_tokens_details':{'cached_tokens':8,'cache_write_tokens':6}}; 0 4 6 0 5 0",
        "{'prompt_tokens':10,'completion_tokens':5,'prompt_tokens_details':{'cached_tokens':99,'cache_write_tokens':99}}; 0 0 10 0 5 0",
        "{'prompt_tokens':10,'completion_tokens':5,'completion_tokens_details':{'reasoning_tokens':50}};            10 0 0 0 5 5",
        "{'prompt_tokens':-3,'completion_tokens':-1};                                                              0 0 0 0 0 0",
        // One total and the sum are as good as both.
        "{'prompt_tokens':10,'total_tokens':17};                                                                   10 0 0 0 7 0",
        "{'completion_tokens':10,'total_tokens':17};                                                               7 0 0 0 10 0",
        "{'completion_tokens':10.0,'prompt_tokens':7};                                                             7 0 0 0 10 0",
        // What is in the total only was thought in secret, and is billed as output.
        "{'prompt_tokens':10,'completion_tokens':5,'total_tokens':15};                                             10 0 0 0 5 0",
        "{'prompt_tokens':10,'completion_tokens':5,'total_tokens':45};                                             10 0 0 0 35 30",
        "{'prompt_tokens':10,'completion_tokens':5,'total_tokens':45,'completion_tokens_details':{'reasoning_tokens':30}}; 10 0 0 0 35 30",
        "{'prompt_tokens':10,'completion_tokens':5,'total_tokens':12};                                             10 0 0 0 5 0",
        "{'prompt_tokens':10,'completion_tokens':5,'total_tokens':9223372036854775807};                            10 0 0 0 5 0",
        // Less is nothing.
        "{'prompt_tokens':10}; none",
        "{'completion_tokens':10}; none",
        "{'total_tokens':10}; none",
        "{}; none",
        "null; none",
        "'12'; none",
        "{'prompt_tokens':'10','completion_tokens':'5'}; none",
        "{'prompt_tokens':10.5,'completion_tokens':5}; none",
        "{'prompt_tokens':9223372036854775807,'completion_tokens':5}; none",
        "{'prompt_tokens':1e30,'completion_tokens':5}; none",
      })
  void openAiCountsCachedTokensInside(String usage, String parts) {
    assertThat(UsageStyle.OPENAI.read(body(usage)).tokens()).isEqualTo(tokens(parts));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '"',
      nullValues = "none",
      value = {
        "{'input_tokens':3,'output_tokens':550}; 3 0 0 0 550 0",
        "{'input_tokens':3,'output_tokens':5,'cache_read_input_tokens':7,'cache_creation_input_tokens':9}; 3 7 9 0 5 0",
        "{'input_tokens':3,'output_tokens':5,'cache_creation_input_tokens':9,'cache_creation':{'ephemeral_5m_input_tokens':5,'ephemeral_1h_input_tokens':4}}; 3 0 5 4 5 0",
        "{'input_tokens':3,'output_tokens':5,'cache_creation_input_tokens':9,'cache_creation':{'ephemeral_1h_input_tokens':4}}; 3 0 5 4 5 0",
        "{'input_tokens':3,'output_tokens':5,'cache_creation':{'ephemeral_5m_input_tokens':5}}; 3 0 5 0 5 0",
        "{'input_tokens':3,'output_tokens':5,'cache_creation_input_tokens':null,'cache_read_input_tokens':null}; 3 0 0 0 5 0",
        "{'input_tokens':-3,'output_tokens':5,'cache_read_input_tokens':-7}; 0 0 0 0 5 0",
        "{'input_tokens':3}; none",
        "{'output_tokens':3}; none",
        "{}; none",
      })
  void anthropicCountsCachedTokensBeside(String usage, String parts) {
    assertThat(UsageStyle.ANTHROPIC.read(body(usage)).tokens()).isEqualTo(tokens(parts));
  }

  @Test
  void openAiPartsAlwaysSumToTheTotals() {
    var counts = List.of(-5L, 0L, 1L, 7L, 8L, 100L);
    for (long prompt : counts) {
      for (long read : counts) {
        for (long write : counts) {
          for (long reasoning : counts) {
            var usage =
                "{'prompt_tokens':%d,'completion_tokens':7,'prompt_tokens_details':{'cached_tokens':%d,'cache_write_tokens':%d},'completion_tokens_details':{'reasoning_tokens':%d}}"
                    .formatted(prompt, read, write, reasoning);
            assertThat(UsageStyle.OPENAI.read(body(usage)).tokens())
                .as(usage)
                .isNotNull()
                .satisfies(t -> assertThat(t.totalInput()).isEqualTo(Math.max(0, prompt)))
                .satisfies(t -> assertThat(t.output()).isEqualTo(7));
          }
        }
      }
    }
  }

  private static JsonNode body(String usage) {
    return json("{'usage':" + usage + "}");
  }

  private static @Nullable Tokens tokens(@Nullable String parts) {
    if (parts == null) {
      return null;
    }
    var n = List.of(parts.split(" ")).stream().mapToLong(Long::parseLong).toArray();
    return new Tokens(n[0], n[1], n[2], n[3], n[4], n[5], Tokens.Special.NONE);
  }
}
