/** Checks documents from outside against schemas/*.json; an error names the field and what is wrong with it. */
import { Ajv, type ErrorObject } from 'ajv'
import { readPackageJson } from './packageRoot.ts'

export interface Fault {
  /** `hosts.a.devices[0].mac`, or '' for the document itself. */
  field: string
  reason: string
}

/** undefined when the document is as it should be. */
export type Validator = (document: unknown) => Fault | undefined

export function validator(schema: 'hello' | 'topology'): Validator {
  const ajv = new Ajv({ allErrors: true, allowUnionTypes: true, strictRequired: false, strictTypes: false })
  const check = ajv.compile(readPackageJson(`schemas/${schema}.json`))
  return (document) => (check(document) ? undefined : worst(check.errors ?? []))
}

/** One fault of many: the deepest, since the others mostly follow from it. */
function worst(errors: readonly ErrorObject[]): Fault {
  const told = errors.filter((e) => !['if', 'oneOf', 'allOf', 'not', 'propertyNames'].includes(e.keyword))
  const list = told.length > 0 ? told : errors
  const depth = (e: ErrorObject) => e.instancePath.split('/').length
  return describe(list.reduce((a, b) => (depth(b) > depth(a) ? b : a)))
}

export function describe(error: ErrorObject): Fault {
  const steps = error.instancePath
    .split('/')
    .slice(1)
    .map((s) => s.replaceAll('~1', '/').replaceAll('~0', '~'))
  const params = error.params
  switch (error.keyword) {
    case 'additionalProperties':
      return { field: fieldName([...steps, params.additionalProperty]), reason: 'unknown key' }
    case 'required':
      return { field: fieldName([...steps, params.missingProperty]), reason: 'missing' }
    case 'enum':
      return { field: fieldName(steps), reason: `must be one of ${params.allowedValues.join(', ')}` }
    case 'pattern':
      return {
        field: fieldName(error.propertyName === undefined ? steps : [...steps, error.propertyName]),
        reason: error.propertyName === undefined ? `not well-formed (${params.pattern})` : `no name (${params.pattern})`,
      }
    case 'not':
      return { field: fieldName(steps), reason: 'this value is not allowed' }
    default:
      return { field: fieldName(steps), reason: error.message ?? error.keyword }
  }
}

function fieldName(steps: readonly string[]): string {
  return steps
    .map((s, i) => (/^\d+$/.test(s) ? `[${s}]` : /^[A-Za-z_][\w-]*$/.test(s) ? (i === 0 ? s : `.${s}`) : `[${JSON.stringify(s)}]`))
    .join('')
}
