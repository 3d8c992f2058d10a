package io.penstock.workers.provider;

import static io.penstock.workers.provider.Streams.chunk;
import static io.penstock.workers.provider.Streams.finish;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.cost.PriceCatalogue;
import io.penstock.schemas.Money;
import io.penstock.schemas.Tokens;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/**
 * Ways in which other gateways have miscounted (docs/measurements.md, Providers §5), from what a
 * provider sends to what it costs.
 */
class OthersMistakesTest {
  private static final Instant AT = Instant.parse("2026-11-24T12:00:00Z");
  private static final PriceCatalogue PRICES = PriceCatalogue.bundled();

  @Test
  void cachedTokensAreNotBilledTwice() {
    var tokens =
        plain(
            "openai",
            "{'prompt_tokens':2000,'completion_tokens':500,'total_tokens':2500,'prompt_tokens_details':{'cached_tokens':1000}}");
    assertThat(tokens).isEqualTo(new Tokens(1000, 1000, 0, 0, 500, 0, Tokens.Special.NONE));
    assertThat(cost("openai", "gpt-5-mini", tokens)).isEqualTo(Money.parse("0.001275"));
  }

  @Test
  void cachedTokensAreNotIgnored() {
    var all = plain("openai", "{'prompt_tokens':2000,'completion_tokens':500}");
    var cached =
        plain(
            "openai",
            "{'prompt_tokens':2000,'completion_tokens':500,'prompt_tokens_details':{'cached_tokens':1920}}");
    assertThat(cost("openai", "gpt-5-mini", cached)).isLessThan(cost("openai", "gpt-5-mini", all));
  }

  @Test
  void whatAnthropicWritesToItsCacheIsNotCountedTwice() {
    var tokens =
        plain(
            "anthropic",
            "{'input_tokens':3,'cache_creation_input_tokens':12304,'cache_read_input_tokens':0,'output_tokens':550,"
                + "'cache_creation':{'ephemeral_5m_input_tokens':12304,'ephemeral_1h_input_tokens':0}}");
    assertThat(tokens.totalInput()).isEqualTo(12307);
    assertThat(tokens.cacheWrite()).isEqualTo(12304);
  }

  @Test
  void whatAStreamReadsFromTheCacheIsNotBilledInFull() {
    var usage =
        Streams.of("anthropic")
            .events(
                "{'type':'message_start','message':{'usage':{'input_tokens':3,'cache_read_input_tokens':9000,'output_tokens':1}}}",
                "{'type':'message_delta','delta':{'stop_reason':'end_turn'},'usage':{'output_tokens':20}}",
                "{'type':'message_stop'}")
            .result()
            .bill()
            .usage();
    assertThat(usage).isEqualTo(new Tokens(3, 9000, 0, 0, 20, 0, Tokens.Special.NONE));
  }

  @Test
  void usageOnAChunkThatHoldsTextIsNotDropped() {
    var usage =
        Streams.of("openai")
            .events(
                "{'choices':[{'index':0,'delta':{'content':'Hi'},'finish_reason':'stop'}],'usage':{'prompt_tokens':2000,"
                    + "'completion_tokens':5,'total_tokens':2005,'prompt_tokens_details':{'cached_tokens':1920}}}")
            .result()
            .bill()
            .usage();
    assertThat(usage).isEqualTo(new Tokens(80, 1920, 0, 0, 5, 0, Tokens.Special.NONE));
  }

  @Test
  void whoHangsUpDoesNotGetItForNothing() {
    var bill = Streams.of("openai").events(chunk("{'content':'one two three'}")).failure().bill();
    assertThat(bill.counted()).isNotNull().extracting(Tokens::output).isEqualTo(3L);
    assertThat(cost("openai", "gpt-5-mini", bill.counted())).isGreaterThan(Money.ZERO);
  }

  @Test
  void noneIsNotTheSameAsNothingSaid() {
    var none =
        Streams.of("openai")
            .events(
                chunk("{'content':''}"),
                finish("stop"),
                "{'choices':[],'usage':{'prompt_tokens':7,'completion_tokens':0,'total_tokens':7}}")
            .result();
    assertThat(none.bill().usage()).isEqualTo(Tokens.plain(7, 0));
    assertThat(none.bill().counted()).isNull();
    var silent = Streams.of("openai").events(chunk("{'content':'a'}"), finish("stop")).result();
    assertThat(silent.bill().usage()).isNull();
    assertThat(silent.bill().counted()).isNotNull();
  }

  @Test
  void hiddenReasoningIsPaidFor() {
    var tokens =
        plain(
            "xai",
            "{'prompt_tokens':10,'completion_tokens':5,'total_tokens':115,'completion_tokens_details':{'reasoning_tokens':100}}");
    assertThat(tokens.output()).isEqualTo(105);
    assertThat(tokens.reasoning()).isEqualTo(100);
  }

  @Test
  void geminisThoughtsArePaidFor() {
    var tokens = plain("gemini", "{'prompt_tokens':10,'completion_tokens':5,'total_tokens':115}");
    assertThat(tokens.output()).isEqualTo(105);
  }

  private static Tokens plain(String preset, String usage) {
    String body =
        preset.equals("anthropic")
            ? "{'content':[{'type':'text','text':'x'}],'stop_reason':'end_turn','usage':"
            : "{'choices':[{'message':{'content':'x'},'finish_reason':'stop'}],'usage':";
    var result = Asked.read(preset, body + usage + "}");
    var tokens = result.bill().usage();
    assertThat(tokens).isNotNull();
    return tokens;
  }

  private static Money cost(String provider, String model, Tokens tokens) {
    return PRICES.find(provider, model, AT).orElseThrow().of(tokens);
  }
}
