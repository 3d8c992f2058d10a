package io.penstock.ingress;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The directory of one ingress instance's views: created when missing, and locked until closed. A
 * view that finds its files damaged deletes them, so they had better be nobody else's.
 */
final class DataDirectory implements AutoCloseable {
  private static final String LOCK = "ingress.lock";

  private final Path path;
  private final FileChannel channel;

  private DataDirectory(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  static DataDirectory claim(Path path) {
    try {
      Files.createDirectories(path);
      var channel =
          FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!locked(channel)) {
        channel.close();
        throw new IngressStartException.DirectoryInUse(path);
      }
      return new DataDirectory(path, channel);
    } catch (IOException e) {
      throw new IngressStartException.DirectoryUnusable(path, e);
    }
  }

  private static boolean locked(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false; // another ingress of this JVM
    }
  }

  Path resolve(String view) {
    return path.resolve(view);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException("unlocking " + path, e);
    }
  }
}
