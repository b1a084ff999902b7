import { z } from 'zod'
import { BYTES_TYPE, type Route } from './route.ts'
import { errorAnswer } from './schemas.ts'

const JSON_TYPE = 'application/json'

/** The OpenAPI 3.1 description of the routes, made from the very shapes that requests are parsed with. */
export function openApiOf(
  routes: readonly Route[],
  { version, name }: { version: string; name: string },
): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: `HydraAI node ${name}`,
      version,
      description:
        'Served on loopback only. Amounts are decimal text in HYDRA, times are milliseconds since the epoch, hashes lower-case hex.',
    },
    paths,
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
  }
}

function operationOf(route: Route): Record<string, unknown> {
  const parameters = [...parametersOf(route.params, 'path'), ...parametersOf(route.query, 'query')]
  return {
    summary: route.summary,
    ...(parameters.length > 0 && { parameters }),
    ...(route.bodyType === 'bytes' && {
      requestBody: { required: true, content: { [BYTES_TYPE]: { schema: { type: 'string', format: 'binary' } } } },
    }),
    ...(route.body && {
      requestBody: { required: true, content: { [JSON_TYPE]: { schema: schemaOf(route.body, 'input') } } },
    }),
    ...(route.secret && { security: [{ token: [] }] }),
    responses: {
      200: {
        description: 'The answer',
        content:
          typeof route.answer === 'string'
            ? { [route.answer]: { schema: { type: 'string' } } }
            : { [JSON_TYPE]: { schema: schemaOf(route.answer, 'output') } },
      },
      default: { description: 'A refusal', content: { [JSON_TYPE]: { schema: schemaOf(errorAnswer, 'output') } } },
    },
  }
}

function parametersOf(shape: z.ZodType | null, place: 'path' | 'query'): Record<string, unknown>[] {
  if (!shape) return []
  const { properties = {}, required = [] } = schemaOf(shape, 'input') as {
    properties?: Record<string, unknown>
    required?: string[]
  }
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: place,
    required: required.includes(name),
    schema,
  }))
}

function schemaOf(shape: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _, ...schema } = z.toJSONSchema(shape, { io })
  return schema
}
