/** What the tests of every module share: a throw-away broker. */
@NullMarked
package io.penstock.embedded.testing;

import org.jspecify.annotations.NullMarked;
