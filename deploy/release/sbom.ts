// The bill of materials, in CycloneDX's form: what is in a release, from where, by which hash, under which licence.
import { Contrib, Enums, Models, Serialize, Spec, Validation } from "@cyclonedx/cyclonedx-library";
// The library's validator looks for these; nothing else brings them.
import "ajv";
import "ajv-formats";
import "ajv-formats-draft2019";
import { isExpression, type Licensed } from "./licences.ts";

const SPEC = Spec.Spec1dot6;

export interface SbomParts {
  /** Of Slipstream. */
  version: string;
  packages: Licensed[];
  /** Ids of what Slipstream itself asks for. */
  asked: Iterable<string>;
}

/** The same for the same lock file: it has no time and no number of its own. */
export function sbom({ version, packages, asked }: SbomParts): string {
  const licences = new Contrib.License.Factories.LicenseFactory(isExpression);
  const bom = new Models.Bom();
  const self = new Models.Component(Enums.ComponentType.Application, "slipstream", {
    version,
    bomRef: `slipstream@${version}`,
    licenses: new Models.LicenseRepository([licences.makeFromString("MIT")]),
  });
  bom.metadata.component = self;
  const components = new Map(packages.map((one) => [one.id, componentOf(one, licences)]));
  for (const component of components.values()) bom.components.add(component);
  const refs = (ids: Iterable<string>) => Array.from(ids, (id) => components.get(id)!.bomRef);
  for (const { id, needs } of packages) for (const ref of refs(needs)) components.get(id)!.dependencies.add(ref);
  for (const ref of refs(asked)) self.dependencies.add(ref);
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(SPEC));
  return `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`;
}

/** What is wrong with one, by CycloneDX's own schema, and that every licence expression is one. */
export async function sbomProblems(text: string): Promise<string[]> {
  const errors = await new Validation.JsonStrictValidator(SPEC.version).validate(text);
  return errors === null ? [] : [`the bill of materials is not CycloneDX ${SPEC.version}: ${JSON.stringify(errors)}`];
}

function componentOf(
  { id, name, version, integrity, licence, isShipped }: Licensed,
  licences: InstanceType<typeof Contrib.License.Factories.LicenseFactory>,
): Models.Component {
  const [group, bare] = name.startsWith("@") ? name.split("/") : [undefined, name];
  const [algorithm = "", hash = ""] = integrity.split(/-(.*)/);
  return new Models.Component(Enums.ComponentType.Library, bare!, {
    ...group === undefined ? {} : { group },
    version,
    bomRef: id,
    purl: `pkg:npm/${group === undefined ? "" : `${encodeURIComponent(group)}/`}${bare}@${version}`,
    scope: isShipped ? Enums.ComponentScope.Required : Enums.ComponentScope.Excluded,
    hashes: new Models.HashDictionary([[hashAlgorithm(algorithm), hexadecimal(hash)]]),
    licenses: new Models.LicenseRepository(licence === null ? [] : [licences.makeFromString(licence)]),
  });
}

function hashAlgorithm(name: string): Enums.HashAlgorithm {
  if (name === "sha512") return Enums.HashAlgorithm["SHA-512"];
  if (name === "sha1") return Enums.HashAlgorithm["SHA-1"];
  throw new TypeError(`Cannot name the hash ${name}: CycloneDX has another name, or none`);
}

function hexadecimal(base64: string): string {
  return Uint8Array.fromBase64(base64).toHex();
}
