package io.penstock.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.ingress.json.BadJson;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Penstock.Extension.class)
class FuzzHttpTest {
  private static final int ROUNDS = 400;
  private static final long SEED = 20_261_124;
  private static Http http;

  @BeforeAll
  static void start(Penstock shared) {
    http = shared.ingress();
  }

  @Test
  void whateverIsSentIsNeverOurFault() {
    var random = new Random(SEED);
    for (int i = 0; i < ROUNDS; i++) {
      byte[] body = BadJson.any(random);
      for (String path : new String[] {"/v1/inference", "/v1/batch?wait=0"}) {
        var got = http.post(path, body);
        assertThat(got.status()).as("round %d of %d: %s", i, SEED, got.body()).isLessThan(500);
        if (got.status() >= 400) {
          assertThat(got.error()).isNotBlank();
        }
      }
    }
  }

  @Test
  void noRequestIdIsOurFault() {
    var random = new Random(SEED);
    for (int i = 0; i < ROUNDS; i++) {
      var id = new StringBuilder();
      random.ints(1 + random.nextInt(60), 'a', 'z' + 1).forEach(id::appendCodePoint);
      assertThat(http.get("/v1/requests/" + id).status()).isIn(404, 503);
    }
  }
}
