// Package browser opens the page of api/paymentstest/console in Chromium and
// plays payments on it as people do: by mouse, only by keyboard, on a small
// screen, in two tabs, over a connection that breaks. It looks for
// accessibility violations with axe-core, for secrets in everything the page
// receives, and for script injected by an application's values. It is a module
// of its own, so that the other checks do not need a browser driver.
//
// The tests need Chromium (the Debian package chromium, or CHROMIUM), Node and,
// for axe-core, "npm ci --ignore-scripts" in this directory. Without them they are
// skipped; with REQUIRE_ALL=1 that is a failure.
package browser
