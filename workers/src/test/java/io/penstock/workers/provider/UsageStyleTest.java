package io.penstock.workers.provider;

import static io.penstock.workers.provider.Asked.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.schemas.Tokens;
import java.util.List;
import java.util.Random;
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

  @ParameterizedTest(name = "{0} {1}: {2}, inconsistent: {3}")
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '"',
      value = {
        // What contradicts itself is made to agree, and flagged.
        "OPENAI; {'prompt_tokens':10,'completion_tokens':5,'total_tokens':15}; 10 0 0 0 5 0; false",
        "OPENAI; {'prompt_tokens':10,'completion_tokens':5,'total_tokens':45}; 10 0 0 0 35 30; true",
        "OPENAI; {'prompt_tokens':10,'completion_tokens':5,'total_tokens':12}; 10 0 0 0 5 0; true",
        "OPENAI; {'prompt_tokens':-3,'completion_tokens':5}; 0 0 0 0 5 0; true",
        "OPENAI; {'prompt_tokens':10,'completion_tokens':5,'prompt_tokens_details':{'cached_tokens':11}}; 0 10 0 0 5 0; true",
        "OPENAI; {'prompt_tokens':10,'completion_tokens':5,'prompt_tokens_details':{'cached_tokens':-1}}; 10 0 0 0 5 0; true",
        "OPENAI; {'prompt_tokens':10,'completion_tokens':5,'prompt_tokens_details':{'cached_tokens':'4'}}; 10 0 0 0 5 0; true",
        "OPENAI; {'prompt_tokens':10,'completion_tokens':5,'completion_tokens_details':{'reasoning_tokens':9}}; 10 0 0 0 5 5; true",
        "OPENAI; {'prompt_tokens':10,'completion_tokens':0,'total_tokens':10}; 10 0 0 0 0 0; false",
        // Gemini's thoughts lie outside the completion.
        "GEMINI_COMPAT; {'prompt_tokens':10,'completion_tokens':5,'total_tokens':45}; 10 0 0 0 35 30; false",
        "GEMINI_COMPAT; {'prompt_tokens':10,'completion_tokens':5,'total_tokens':15,'prompt_tokens_details':{'cached_tokens':4}}; 6 4 0 0 5 0; false",
        // xAI's reasoning is beside the completion.
        "XAI; {'prompt_tokens':10,'completion_tokens':5,'total_tokens':45,'completion_tokens_details':{'reasoning_tokens':30}}; 10 0 0 0 35 30; false",
        "XAI; {'prompt_tokens':10,'completion_tokens':5,'total_tokens':15,'completion_tokens_details':{'reasoning_tokens':30}}; 10 0 0 0 35 30; true",
        "XAI; {'prompt_tokens':10,'completion_tokens':5}; 10 0 0 0 5 0; false",
        // DeepSeek's misses are plain input, never writes.
        "DEEPSEEK; {'prompt_tokens':10,'completion_tokens':5,'total_tokens':15,'prompt_cache_hit_tokens':8,'prompt_cache_miss_tokens':2}; 2 8 0 0 5 0; false",
        "DEEPSEEK; {'prompt_tokens':11,'completion_tokens':5,'prompt_cache_hit_tokens':8,'prompt_cache_miss_tokens':2}; 2 8 0 0 5 0; true",
        "DEEPSEEK; {'prompt_tokens':10,'completion_tokens':5,'prompt_cache_hit_tokens':0,'prompt_cache_miss_tokens':10}; 10 0 0 0 5 0; false",
        "DEEPSEEK; {'prompt_tokens':10,'completion_tokens':5,'prompt_cache_hit_tokens':8,'prompt_cache_miss_tokens':2,'completion_tokens_details':{'reasoning_tokens':4}}; 2 8 0 0 5 4; false",
        "DEEPSEEK; {'prompt_tokens':10,'completion_tokens':5}; 10 0 0 0 5 0; false",
        "GROQ; {'prompt_tokens':10,'completion_tokens':5,'total_tokens':15}; 10 0 0 0 5 0; false",
        // Anthropic's creation is told twice, as a sum and in parts.
        "ANTHROPIC; {'input_tokens':3,'output_tokens':5,'cache_creation_input_tokens':9,'cache_creation':{'ephemeral_5m_input_tokens':5,'ephemeral_1h_input_tokens':4}}; 3 0 5 4 5 0; false",
        "ANTHROPIC; {'input_tokens':3,'output_tokens':5,'cache_creation_input_tokens':8,'cache_creation':{'ephemeral_5m_input_tokens':5,'ephemeral_1h_input_tokens':4}}; 3 0 5 4 5 0; true",
        "ANTHROPIC; {'input_tokens':-3,'output_tokens':5}; 0 0 0 0 5 0; true",
      })
  void everybodyCountsInTheirOwnWay(
      UsageStyle style, String usage, String parts, boolean inconsistent) {
    var reading = style.read(body(usage));
    assertThat(reading.tokens()).isEqualTo(tokens(parts));
    assertThat(reading.inconsistent()).isEqualTo(inconsistent);
  }

  @Test
  void soundAndPicturesAreToldApart() {
    var usage =
        "{'prompt_tokens':100,'completion_tokens':50,'prompt_tokens_details':{'cached_tokens':20,'audio_tokens':30,"
            + "'image_tokens':40},'completion_tokens_details':{'reasoning_tokens':10,'audio_tokens':15}}";
    assertThat(UsageStyle.OPENAI.read(body(usage)).tokens())
        .isEqualTo(new Tokens(80, 20, 0, 0, 50, 10, new Tokens.Special(30, 40, 15, 0)));
  }

  @Test
  void searchesAreCounted() {
    var usage = "{'input_tokens':3,'output_tokens':5,'server_tool_use':{'web_search_requests':2}}";
    assertThat(UsageStyle.ANTHROPIC.read(body(usage)).tokens())
        .isEqualTo(new Tokens(3, 0, 0, 0, 5, 0, new Tokens.Special(0, 0, 0, 2)));
  }

  @Test
  void whoDoesNotCountIsNotBelieved() {
    var usage = "{'prompt_tokens':0,'completion_tokens':0}";
    assertThat(UsageStyle.NONE.read(body(usage)).tokens()).isNull();
    assertThat(UsageStyle.OPENAI.read(body(usage)).tokens()).isEqualTo(Tokens.plain(0, 0));
  }

  @Test
  void whereNobodyTellsCachedTokensThatIsNoted() {
    var traits = Presets.named("vllm").traits();
    var silent = UsageStyle.OPENAI.read(body("{'prompt_tokens':9,'completion_tokens':1}"));
    var none =
        UsageStyle.OPENAI.read(
            body(
                "{'prompt_tokens':9,'completion_tokens':1,'prompt_tokens_details':{'cached_tokens':0}}"));
    assertThat(silent.notes(traits)).containsExactly(Bill.CACHE_UNKNOWN);
    assertThat(none.notes(traits)).isEmpty();
    assertThat(silent.notes(Presets.named("openai").traits())).isEmpty();
  }

  /** Whatever a provider says: parts never overlap, and none is negative. */
  @Test
  void partsSumToTheTotalsInEveryStyle() {
    var random = new Random(11);
    var names =
        List.of(
            "prompt_tokens",
            "completion_tokens",
            "total_tokens",
            "prompt_cache_hit_tokens",
            "prompt_cache_miss_tokens",
            "input_tokens",
            "output_tokens",
            "cache_read_input_tokens",
            "cache_creation_input_tokens");
    var details =
        List.of(
            "cached_tokens",
            "cache_write_tokens",
            "audio_tokens",
            "image_tokens",
            "reasoning_tokens",
            "ephemeral_5m_input_tokens",
            "ephemeral_1h_input_tokens",
            "web_search_requests");
    int told = 0;
    for (int round = 0; round < 20_000; round++) {
      ObjectNode usage = some(names, random);
      for (String nested :
          List.of(
              "prompt_tokens_details",
              "completion_tokens_details",
              "cache_creation",
              "server_tool_use")) {
        usage.set(nested, some(details, random));
      }
      ObjectNode holder = Json.object();
      holder.set("usage", usage);
      for (UsageStyle style : UsageStyle.values()) {
        var reading = style.read(holder);
        Tokens tokens = reading.tokens();
        if (tokens == null || reading.inconsistent()) {
          continue;
        }
        told++;
        if (style == UsageStyle.ANTHROPIC) {
          assertThat(tokens.totalInput())
              .as("%s", holder)
              .isEqualTo(
                  count(usage, "input_tokens")
                      + count(usage, "cache_read_input_tokens")
                      + (usage.has("cache_creation_input_tokens")
                          ? count(usage, "cache_creation_input_tokens")
                          : tokens.cacheWrite() + tokens.cacheWriteLong()));
        } else if (usage.has("prompt_tokens")) {
          assertThat(tokens.totalInput())
              .as("%s %s", style, holder)
              .isEqualTo(count(usage, "prompt_tokens"));
          if (usage.has("total_tokens")
              && style != UsageStyle.DEEPSEEK
              && usage.has("completion_tokens")) {
            assertThat(tokens.totalInput() + tokens.output())
                .as("%s %s", style, holder)
                .isGreaterThanOrEqualTo(
                    style == UsageStyle.GEMINI_COMPAT
                        ? count(usage, "prompt_tokens") + count(usage, "completion_tokens")
                        : count(usage, "total_tokens"));
          }
        }
      }
    }
    assertThat(told).as("consistent ones among them").isGreaterThan(500);
  }

  private static ObjectNode some(List<String> names, Random random) {
    ObjectNode counts = Json.object();
    for (String name : names) {
      switch (random.nextInt(8)) {
        case 0, 1 -> counts.put(name, random.nextInt(20));
        case 2 -> counts.put(name, 0);
        case 3 -> counts.put(name, random.nextInt(1000));
        case 4 -> {
          if (random.nextInt(10) == 0) {
            counts.put(name, -random.nextInt(20));
          }
        }
        default -> {}
      }
    }
    return counts;
  }

  private static long count(ObjectNode usage, String name) {
    return usage.path(name).asLong(0);
  }
}
