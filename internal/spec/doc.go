// Package spec trims Twilio's full OpenAPI document to the two operations of
// the Payments resource, and records where the full document came from.
//
// # Facts only
//
// Everything that reaches the output is on a whitelist: paths, methods,
// operation ids, parameters, property names, types, formats, enums, patterns,
// bounds, required lists, security, servers, statuses and media types.
// Descriptions, titles, summaries, tags, examples, response headers, links and
// every x- extension are known and left out. A keyword that is on neither list
// is an error that names it and where it stands: a constraint this package has
// never heard of must be looked at by a person, not lost on the way.
//
// # One shape
//
// Twilio has published the same two operations in several forms over the
// years. All of them come out alike:
//
//   - the operations are found by operationId, else by method and path, and are
//     called CreatePayments and UpdatePayments;
//   - request schemas stand in components.schemas as CreatePaymentsRequest and
//     UpdatePaymentsRequest, and a string enum written inline in one of their
//     properties as payments_enum_<property_in_snake_case>;
//   - a $ref stands alone (OpenAPI 3.0 ignores its siblings), and only schemas
//     are referred to: parameters, bodies, responses and security schemes that
//     were references are written out in place;
//   - an allOf around a single $ref, and the parameters of a media type, go;
//   - parameters of a path and the security of the document move to the
//     operations they apply to; servers stay where they are;
//   - only components that are reached from the two operations are kept.
//
// The output has sorted keys, so equal facts are equal bytes, and trimming a
// trimmed document changes nothing. Lists keep their order: the names of the
// generated enum constants depend on it.
package spec
