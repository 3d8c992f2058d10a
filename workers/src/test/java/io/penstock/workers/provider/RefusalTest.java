package io.penstock.workers.provider;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.policies.Reason;
import java.time.Instant;
import okhttp3.Headers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The bodies are those that real servers sent (docs/measurements.md, Real servers §2, Providers
 * §1.4, §2.3).
 */
class RefusalTest {
  private static final Headers NO_HEADERS = Headers.of();

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '|',
      value = {
        "400; {'error':{'message':'bad','type':'invalid_request_error','param':null,'code':null}}; PROVIDER_REJECTED; the provider answered 400: bad",
        "400; {'type':'error','error':{'type':'invalid_request_error','message':'prompt is too long: 210000 tokens > 200000 maximum'}}; CONTEXT_TOO_LONG; the provider answered 400: prompt is too long: 210000 tokens > 200000 maximum",
        "429; [{'error':{'code':429,'message':'too much','status':'RESOURCE_EXHAUSTED'}}]; RATE_LIMITED; the provider answered 429: too much",
        "400; {'error':{'code':400,'message':'too long','type':'exceed_context_size_error','n_ctx':2048}}; CONTEXT_TOO_LONG; the provider answered 400: too long",
        "401; {'error':{'message':'Incorrect API key provided: sk-ab***','type':'invalid_request_error','code':'invalid_api_key'}}; PROVIDER_UNAUTHORIZED; the provider answered 401: check its API key",
        "401; {'error':{'message':'Invalid API Key','type':'authentication_error','code':401}}; PROVIDER_UNAUTHORIZED; the provider answered 401: check its API key",
        "403; {'type':'error','error':{'type':'permission_error','message':'no'}}; PROVIDER_UNAUTHORIZED; the provider answered 403: check its API key",
        "404; {'error':{'message':'no such model','code':'model_not_found'}}; MODEL_NOT_FOUND; the provider answered 404: no such model",
        "404; {'detail':'Not Found'}; MODEL_NOT_FOUND; the provider answered 404",
        "404; {'error':'model missing'}; MODEL_NOT_FOUND; the provider answered 404: model missing",
        "404; {'object':'error','message':'gone','type':'NotFoundError','code':404}; MODEL_NOT_FOUND; the provider answered 404: gone",
        "413; {'type':'error','error':{'type':'request_too_large','message':'big'}}; PROVIDER_REJECTED; the provider answered 413: big",
        "429; {'error':{'message':'slow','type':'tokens','code':'rate_limit_exceeded'}}; RATE_LIMITED; the provider answered 429: slow",
        "429; {'error':{'message':'pay','type':'insufficient_quota','code':'insufficient_quota'}}; QUOTA_EXHAUSTED; the provider answered 429: pay",
        "429; {'error':{'message':'pay','type':'x','code':'credit_balance_exhausted'}}; QUOTA_EXHAUSTED; the provider answered 429: pay",
        "402; {'type':'error','error':{'type':'billing_error','message':'pay'}}; QUOTA_EXHAUSTED; the provider answered 402: pay",
        "500; Internal Server Error; PROVIDER_ERROR; the provider answered 500",
        "500; {'error':{'code':500,'message':'parse error','type':'server_error'}}; PROVIDER_ERROR; the provider answered 500: parse error",
        "502; <html>Bad Gateway</html>; PROVIDER_ERROR; the provider answered 502",
        "503; {'error':{'message':'busy','type':'slow_down'}}; PROVIDER_OVERLOADED; the provider answered 503: busy",
        "529; {'type':'error','error':{'type':'overloaded_error','message':'Overloaded'},'request_id':'r'}; PROVIDER_OVERLOADED; the provider answered 529: Overloaded",
        "504; []; PROVIDER_ERROR; the provider answered 504",
        "302; ''; PROVIDER_REJECTED; the provider answered 302, a redirect, which is not followed: check its base URL",
      })
  void everyShapeOfErrorIsUnderstood(int status, String body, Reason reason, String sentence) {
    var failed = read(status, body.replace('\'', '"'));
    assertThat(failed.reason()).isEqualTo(reason);
    assertThat(failed.message()).isEqualTo(sentence);
  }

  @Test
  void aLongSermonIsCutShort() {
    var failed = read(500, "{\"error\":{\"message\":\"" + "x".repeat(5000) + "\"}}");
    assertThat(failed.message()).hasSizeLessThan(400).endsWith("…");
  }

  private static Result.Failed read(int status, String body) {
    return Refusal.read(Presets.named("openai").traits(), status, NO_HEADERS, body, Instant.EPOCH);
  }
}
