// The calls of the API, with the types that openapi-typescript makes from openapi.yaml.

import createClient from 'openapi-fetch';
import type { components, paths } from './schema';

export type Header = components['schemas']['InternetviestiOtsikko'];
export type HeaderPage = components['schemas']['InternetviestiOtsikkoPage'];
export type Message = components['schemas']['Internetviesti'];
export type Unread = components['schemas']['Lukemattomat'];

const client = createClient<paths>({ baseUrl: location.origin });
const { party_id: osapuoli_id } = (await (await fetch('/session')).json()) as { party_id: number };

/** The service did not do as it was asked; `status` says why. */
export class Refused extends Error {
  constructor(readonly status: number) {
    super(`the service answered ${status}`);
  }
}

function had<T>(answer: { data?: T; response: Response }): T {
  if (answer.data === undefined) throw new Refused(answer.response.status);
  return answer.data;
}

/** A page of the headers, messages and bulletins together; with `since` those that have changed, and the ids of those gone. */
export async function headers(kieli: string, page: { cursor?: string; since?: string } = {}): Promise<HeaderPage> {
  const query = {
    osapuoli_id,
    tiedotteet: true,
    kieli,
    ...(page.cursor ? { cursor: page.cursor } : {}),
    ...(page.since ? { muuttunut_jalkeen: page.since } : {}),
  };
  return had(await client.GET('/api/v1/internetviestit/otsikot', { params: { query } }));
}

export async function message(internetviesti_id: number, kieli: string): Promise<Message> {
  const params = { path: { internetviesti_id }, query: { osapuoli_id, kieli } };
  return had(await client.GET('/api/v1/internetviestit/{internetviesti_id}', { params }));
}

export async function unread(): Promise<Unread> {
  return had(await client.GET('/api/v1/internetviestit/lukemattomat', { params: { query: { osapuoli_id } } }));
}

export async function markRead(internetviesti_id: number): Promise<void> {
  const params = { path: { internetviesti_id } };
  const { response } = await client.POST('/api/v1/internetviestit/{internetviesti_id}/luettu', { params, body: { osapuoli_id } });
  if (!response.ok) throw new Refused(response.status);
}

/** An address that a browser can download from for some minutes, without a token. */
export async function link(liite_id: number): Promise<string> {
  const params = { path: { liite_id } };
  return had(await client.GET('/api/v1/internetviestit/liitteet/{liite_id}/linkki', { params })).osoite;
}
