package io.penstock.policies.fingerprint;

import static io.penstock.policies.ARequest.aRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schemas.avro.InferenceRequest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Over many small requests, made to be easily confused: equal if and only if canonically equal. */
class FingerprintPropertyTest {
  private static final int REQUESTS = 50_000;
  private static final List<String> PIECES =
      List.of(
          "a",
          "b",
          "A",
          " ",
          "\n",
          "\r",
          "\r\n",
          "e\u0301",
          "\u00e9",
          "\0",
          "1",
          "+",
          "\ud83d\ude00");
  private static final List<String> ROLES = List.of("user", "system", "assistant");

  private final Random random = new Random(20261124);

  @Test
  void requestsShareAFingerprintIfAndOnlyIfTheyAreCanonicallyEqual() {
    Map<Canonical, Fingerprint> byCanonical = new HashMap<>();
    Map<Fingerprint, Canonical> byFingerprint = new HashMap<>();
    int met = 0;

    for (int i = 0; i < REQUESTS; i++) {
      InferenceRequest request = anyRequest();
      Canonical canonical = Canonical.of(request);
      Fingerprint fingerprint = Fingerprint.of(request);

      Fingerprint known = byCanonical.put(canonical, fingerprint);
      assertThat(known == null ? fingerprint : known).as("%s", canonical).isEqualTo(fingerprint);
      Canonical other = byFingerprint.put(fingerprint, canonical);
      assertThat(other == null ? canonical : other).as("%s", fingerprint).isEqualTo(canonical);
      met += known == null ? 0 : 1;
    }

    assertThat(met).as("pairs that were equal").isGreaterThan(REQUESTS / 10);
    assertThat(byCanonical.size()).as("requests that differed").isGreaterThan(REQUESTS / 10);
  }

  @Test
  void normalisingTwiceChangesNothingMore() {
    for (int i = 0; i < REQUESTS; i++) {
      InferenceRequest request = aRequest().asking(anyText(8)).build();
      String once = Canonical.of(request).turns().getFirst().content();
      String twice = Canonical.of(aRequest().asking(once).build()).turns().getFirst().content();
      assertThat(twice).isEqualTo(once);
    }
  }

  private InferenceRequest anyRequest() {
    var request =
        aRequest()
            .withId("r" + random.nextInt(3))
            .forTenant(random.nextInt(4) == 0 ? anyText(1) : "t")
            .usingCache(random.nextInt(8) != 0)
            .withoutTurns();
    if (random.nextInt(8) == 0) {
      request.answeredInAtMost(random.nextInt(2));
    }
    if (random.nextInt(8) == 0) {
      request.atTemperature(random.nextInt(2) / 2.0);
    }
    for (int turns = random.nextInt(3); turns > 0; turns--) {
      request.then(ROLES.get(random.nextInt(ROLES.size())), anyText(2));
    }
    return request.build();
  }

  private String anyText(int most) {
    var text = new StringBuilder();
    for (int pieces = random.nextInt(most + 1); pieces > 0; pieces--) {
      text.append(PIECES.get(random.nextInt(PIECES.size())));
    }
    return text.toString();
  }
}
