/** Files on the log: their bytes in chunks on a topic, read again from where they lie. */
@NullMarked
package io.penstock.ingress.files;

import org.jspecify.annotations.NullMarked;
