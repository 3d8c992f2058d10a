/**
 * Local views of a topic: kept in RocksDB in step with how far the log has been read, and made anew
 * from the log when they are lost or damaged.
 */
@NullMarked
package io.penstock.ingress.view;

import org.jspecify.annotations.NullMarked;
