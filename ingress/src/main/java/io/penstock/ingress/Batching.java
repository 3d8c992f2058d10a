package io.penstock.ingress;

import io.penstock.client.PenstockClient;
import io.penstock.ingress.batches.BatchDesk;
import io.penstock.ingress.batches.BatchRecords;
import io.penstock.ingress.batches.BatchRuns;
import io.penstock.ingress.batches.BatchView;
import io.penstock.ingress.files.FileLog;
import io.penstock.ingress.json.Reading;
import io.penstock.ingress.status.StatusIndex;
import io.penstock.schemas.KafkaConnection;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.Lane;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;

/** Files and batches of one instance: what its handlers and its runs share, opened together. */
record Batching(FilesHandler files, BatchesHandler batches) {

  /**
   * Opens it all, and begins to run batches.
   *
   * @param parts closed when the instance is, all at once
   */
  static Batching open(
      IngressSettings settings,
      KafkaConnection kafka,
      Admin admin,
      Topics topics,
      DataDirectory directory,
      Together parts,
      PenstockClient client,
      StatusIndex status,
      Intake intake,
      BodyRoom room,
      InstantSource clock) {
    String name = settings.clientId();
    Path uploads = directory.resolve("uploads");
    var view =
        parts.add(
            BatchView.start(
                name + "-batches",
                kafka,
                admin,
                topics.batches(),
                directory.resolve("batches"),
                clock));
    var log = parts.add(new FileLog(name, kafka, topics.files()));
    var records =
        parts.add(
            new BatchRecords(
                name + "-batch-records", kafka, topics.batches(), settings.deliveryTimeout()));
    var desk =
        new BatchDesk(
            client,
            status,
            log,
            records,
            view,
            Map.of(Faces.CHAT_PATH, Faces.CHAT, Faces.EMBEDDINGS_PATH, Faces.EMBEDDINGS),
            admitting(intake, client),
            room::share,
            clock,
            settings.batches());
    parts.add(BatchRuns.start(name + "-batch-runs", kafka, topics.batches(), desk));
    return new Batching(
        new FilesHandler(
            log, records, view, new Uploads(uploads, settings.batches().largestFile()), clock),
        new BatchesHandler(desk));
  }

  private static BatchDesk.Admitting admitting(Intake intake, PenstockClient client) {
    return (body, order, key) -> {
      var caller = new Caller(order.getTenant(), false, order.getKeyId());
      return switch (intake.admit(body, Lane.BATCH, caller, key, order.getCreatedAt())) {
        case Reading.Refused<Intake.Admitted>(var failure) -> new Reading.Refused<>(failure);
        case Reading.Read<Intake.Admitted>(var admitted) ->
            new Reading.Read<>(admitted.named(client.ids()).request());
      };
    };
  }
}
