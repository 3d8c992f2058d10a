package io.penstock.workers;

import io.penstock.schemas.Topic;
import io.penstock.schemas.avro.Dispatch;
import io.penstock.schemas.avro.Lane;
import io.penstock.schemas.registry.RegistryException;
import java.time.Instant;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether dispatches can be read. A dispatch that was taken and cannot be read has to be given
 * back, and that may happen to it a few times only.
 *
 * @param work the lane's topic
 */
record Reading(Topic<String, Dispatch> work) {
  private static final Logger LOG = LoggerFactory.getLogger(Reading.class);

  private static final Dispatch SAMPLE =
      new Dispatch("", "", Lane.EXPRESS, 1, List.of(), Instant.EPOCH, List.of(), null, false, null);

  /**
   * False while the registry is away and has not told yet how a dispatch of today is written; from
   * then on this asks nobody. May block for a request.
   */
  boolean ready() {
    try {
      byte[] bytes = work.values().serializer().serialize(work.name(), SAMPLE);
      var _ = work.values().deserializer().deserialize(work.name(), bytes);
      return true;
    } catch (RegistryException.Unavailable e) {
      LOG.warn("no dispatch could be read now: {}", e.getMessage());
      return false;
    } catch (RegistryException e) {
      LOG.debug("the registry does not tell a worker how dispatches are written", e);
      return true; // It may tell about those that come.
    }
  }
}
