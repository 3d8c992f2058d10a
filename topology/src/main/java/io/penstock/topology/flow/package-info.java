/** What all stages have in common: the records between them, their exits, the store catalogue. */
@NullMarked
package io.penstock.topology.flow;

import org.jspecify.annotations.NullMarked;
