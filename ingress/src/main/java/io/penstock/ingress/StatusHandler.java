package io.penstock.ingress;

import io.javalin.http.Context;
import io.penstock.client.ClientException;
import io.penstock.client.PenstockClient;
import io.penstock.client.RequestId;
import io.penstock.client.RequestIds;
import io.penstock.ingress.face.HttpStatuses;
import io.penstock.ingress.json.ResponseWriter;
import io.penstock.ingress.status.Lookup;
import io.penstock.ingress.status.StatusIndex;
import io.penstock.policies.Reason;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.InferenceResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** What became of a request, whoever took it in. */
final class StatusHandler {
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final Reply NOT_FOUND =
      Reply.failure(
          Reason.NOT_FOUND.because("no request of yours has this id, or it has been forgotten"));
  private static final Reply NOT_NOW =
      Reply.failure(
          Reason.UNAVAILABLE.because("this instance is still reading the log: try again"));

  private final PenstockClient client;
  private final StatusIndex status;
  private final InstantSource clock;

  StatusHandler(PenstockClient client, StatusIndex status, InstantSource clock) {
    this.client = client;
    this.status = status;
    this.clock = clock;
  }

  Reply handle(Context ctx, Caller caller) {
    String id = ctx.pathParam("id");
    return switch (status.find(id, PATIENCE)) {
      case Lookup.Found(InferenceResponse response) ->
          caller.maySee(response.getTenant())
              ? Reply.json(HttpStatuses.OK, ResponseWriter.status(id, response))
              : NOT_FOUND;
      case Lookup.Forgotten() -> NOT_FOUND;
      case Lookup.NotNow() -> NOT_NOW;
      case Lookup.Unknown() -> unanswered(id, caller);
    };
  }

  private Reply unanswered(String id, Caller caller) {
    RequestIds ids;
    try {
      ids = client.ids();
    } catch (ClientException e) {
      return Reply.failure(Waits.failure(e));
    }
    var parsed = caller.operator() ? ids.parse(id) : ids.parse(id, caller.tenant());
    return switch (parsed) {
      case RequestId.Minted(Instant at) when isRemembered(at) -> accepted(id);
      // It has no time in it: once it is forgotten it looks as if it had just been accepted.
      case RequestId.Claimed() -> accepted(id);
      case RequestId.Minted _, RequestId.Foreign() -> NOT_FOUND;
    };
  }

  private boolean isRemembered(Instant at) {
    return at.plus(Topics.REMEMBERED).isAfter(clock.instant());
  }

  /** Ids are only given out once their request is durable. */
  private static Reply accepted(String id) {
    return Reply.json(HttpStatuses.OK, ResponseWriter.status(id, null));
  }
}
