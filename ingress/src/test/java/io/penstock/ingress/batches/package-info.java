@NullMarked
package io.penstock.ingress.batches;

import org.jspecify.annotations.NullMarked;
