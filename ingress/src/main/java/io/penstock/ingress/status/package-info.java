/** What became of a request: any instance can tell, for as long as requests are remembered. */
@NullMarked
package io.penstock.ingress.status;

import org.jspecify.annotations.NullMarked;
