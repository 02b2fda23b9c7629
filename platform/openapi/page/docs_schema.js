// JSON Schema in words: the type in a line, the fields of an object as a list.
import { make, prose } from "./docs_dom.js";

const nameOf = ({ $ref }) => $ref.split("/").at(-1);

function bounds({ minimum, maximum, minLength, maxLength }) {
  const between = (low, high, what) => {
    if (low === undefined && high === undefined) return "";
    if (high === undefined) return ` from ${low}${what}`;
    return low === undefined ? ` up to ${high}${what}` : ` from ${low} to ${high}${what}`;
  };
  // Every number that JSON can have whole.
  const most = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  return between(minimum, most, "") + between(minLength, maxLength, " characters");
}

function words(schema) {
  if (schema.$ref) return [make("a", { href: `#schema-${nameOf(schema)}`, text: nameOf(schema) })];
  if (schema.anyOf) return schema.anyOf.flatMap((one, i) => i === 0 ? words(one) : [" or ", ...words(one)]);
  if (schema.const !== undefined) return [make("code", { text: JSON.stringify(schema.const) })];
  if (schema.enum) return schema.enum.flatMap((one, i) => [i === 0 ? "" : ", ", make("code", { text: `${one}` })]);
  if (schema.type === "array") return ["list of ", ...words(schema.items)];
  const types = [schema.type ?? "anything"].flat().join(" or ");
  return [`${types}${bounds(schema)}`];
}

export function typeOf(schema) {
  const fallback = schema.default === undefined ? [] : [`; without it ${schema.default}`];
  return make("span", {}, [...words(schema), ...fallback]);
}

/** Lists within lists; none where there are no fields. */
export function fieldsOf(schema) {
  const { properties } = schema;
  if (!properties) return schema.type === "array" ? fieldsOf(schema.items) : [];
  const rows = Object.entries(properties).flatMap(([name, field]) => [
    make("dt", {}, [make("code", { text: name })]),
    make("dd", {}, [
      make("span", { className: "quiet" }, [typeOf(field)]),
      ...field.description ? [": ", ...prose(field.description)] : [],
      ...fieldsOf(field),
    ]),
  ]);
  return [make("dl", {}, rows)];
}
