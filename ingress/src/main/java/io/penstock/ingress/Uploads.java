package io.penstock.ingress;

import io.penstock.ingress.json.Bodies;
import io.penstock.ingress.json.Faults;
import io.penstock.ingress.json.Reading;
import io.penstock.policies.Reason;
import io.penstock.schemas.Topics;
import io.penstock.schemas.avro.Failure;
import jakarta.servlet.MultipartConfigElement;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.Part;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.eclipse.jetty.http.HttpException;
import org.jspecify.annotations.Nullable;

/**
 * Reads uploads, which Jetty takes apart and keeps on disk while they come in: a file is not held
 * in memory. Any thread.
 */
final class Uploads {
  private static final String JETTYS = "org.eclipse.jetty.multipartConfig";
  private static final int KEPT_IN_MEMORY = 64 * 1024;
  private static final int OTHER_PARTS = 64 * 1024;
  private static final int LARGEST_FIELD = 1024;

  /**
   * Whoever does not say how much comes, and is still sending, would not hear that it is too much.
   */
  private static final int READ_ON = Bodies.LARGEST_BATCH_BYTES;

  private static final String PURPOSE = "batch";
  private static final Pattern SECONDS = Pattern.compile("\\d{1,9}");
  private static final Duration LEAST_KEPT = Duration.ofHours(1);

  private final Path directory;
  private final long largest;

  /**
   * @param directory for this alone; what is left there from before is deleted
   * @param largest file, in bytes
   */
  Uploads(Path directory, long largest) {
    this.directory = directory;
    this.largest = largest;
    try {
      Files.createDirectories(directory);
      try (Stream<Path> left = Files.list(directory)) {
        for (Path file : left.toList()) {
          Files.delete(file);
        }
      }
    } catch (IOException e) {
      throw new IngressStartException.DirectoryUnusable(directory, e);
    }
  }

  /**
   * A file that has come in.
   *
   * @param kept how long; as long as any when empty
   */
  record Upload(Part file, String filename, String purpose, Optional<Duration> kept)
      implements AutoCloseable {
    InputStream content() throws IOException {
      return file.getInputStream();
    }

    /** Deletes it from the disk. */
    @Override
    public void close() throws IOException {
      file.delete();
    }
  }

  Reading<Upload> of(HttpServletRequest request) {
    String type = request.getContentType();
    if (type == null || !type.startsWith("multipart/form-data")) {
      return refused(
          Reason.INVALID_VALUE, "send the file as multipart/form-data, in the part file", "file");
    }
    if (request.getContentLengthLong() > largest + OTHER_PARTS) {
      return new Reading.Refused<>(Body.passOver(request, tooLarge()));
    }
    request.setAttribute(
        JETTYS,
        new MultipartConfigElement(
            directory.toAbsolutePath().toString(),
            largest + READ_ON,
            largest + READ_ON + OTHER_PARTS,
            KEPT_IN_MEMORY));
    try {
      request.getParts();
      return upload(request);
    } catch (IOException
        | ServletException
        | IllegalStateException
        | HttpException.RuntimeException e) {
      return isForSize(e)
          ? new Reading.Refused<>(tooLarge())
          : refused(
              Reason.INVALID_VALUE, "the upload cannot be taken apart: " + e.getMessage(), "file");
    }
  }

  /** Jetty tells it by words alone. */
  private static boolean isForSize(Exception e) {
    for (Throwable at = e; at != null; at = at.getCause()) {
      if (at.getMessage() != null && at.getMessage().contains("exceed")) {
        return true;
      }
    }
    return false;
  }

  private Failure tooLarge() {
    return Reason.BODY_TOO_LARGE.because(
        "a file has at most " + largest + " bytes: split it", "file");
  }

  private Reading<Upload> upload(HttpServletRequest request) throws IOException, ServletException {
    String purpose = text(request, "purpose");
    if (purpose == null) {
      return refused(Reason.MISSING_FIELD, "the part purpose is missing: it is batch", "purpose");
    }
    if (!purpose.equals(PURPOSE)) {
      return refused(
          Reason.INVALID_VALUE,
          "purpose must be \"batch\"; it is \"" + Faults.excerpt(purpose) + "\"",
          "purpose");
    }
    Part file = request.getPart("file");
    if (file == null) {
      return refused(Reason.MISSING_FIELD, "the part file is missing", "file");
    }
    if (file.getSize() > largest) {
      file.delete();
      return new Reading.Refused<>(tooLarge());
    }
    String seconds = text(request, "expires_after[seconds]");
    if (seconds != null && !mayBeKept(seconds)) {
      return refused(
          Reason.INVALID_VALUE,
          "expires_after[seconds] must lie between 3600 and 2592000; it is "
              + Faults.excerpt(seconds),
          "expires_after.seconds");
    }
    String filename = file.getSubmittedFileName();
    return new Reading.Read<>(
        new Upload(
            file,
            filename == null || filename.isBlank() ? "upload.jsonl" : filename,
            purpose,
            Optional.ofNullable(seconds).map(Long::parseLong).map(Duration::ofSeconds)));
  }

  private static boolean mayBeKept(String seconds) {
    if (!SECONDS.matcher(seconds).matches()) {
      return false;
    }
    Duration kept = Duration.ofSeconds(Long.parseLong(seconds));
    return kept.compareTo(LEAST_KEPT) >= 0 && kept.compareTo(Topics.FILES_KEPT) <= 0;
  }

  private static @Nullable String text(HttpServletRequest request, String name)
      throws IOException, ServletException {
    Part part = request.getPart(name);
    if (part == null) {
      return null;
    }
    try (InputStream in = part.getInputStream()) {
      return new String(in.readNBytes(LARGEST_FIELD), StandardCharsets.UTF_8);
    }
  }

  private static Reading<Upload> refused(Reason reason, String message, String field) {
    return new Reading.Refused<>(reason.because(message, field));
  }
}
