import type { AddRepository, AddRule, EditRepository, EditRule, PreviewRule, SetSecret } from '@corch/contract';
import { useMutation, useQuery } from '@tanstack/react-query';
import { client } from '../api/client.js';
import { keys, queryClient } from '../api/query-client.js';

/** Nothing tells of a change by somebody else, so what is open is read again from time to time. */
const readAgainMs = 30_000;

export function useRepositories() {
  return useQuery({
    queryKey: keys.repositories,
    queryFn: ({ signal }) => client.listRepositories({ signal }),
    refetchInterval: readAgainMs,
  });
}

export function useRepository(repository: string) {
  return useQuery({
    queryKey: [...keys.repositories, repository],
    queryFn: ({ signal }) => client.readRepository({ params: { repository }, signal }),
  });
}

const onSettled = () => void queryClient.invalidateQueries({ queryKey: keys.repositories });

export function useAddRepository() {
  return useMutation({ mutationFn: (body: AddRepository) => client.addRepository({ body }), onSettled });
}

export function useEditRepository(repository: string) {
  return useMutation({
    mutationFn: (body: EditRepository) => client.editRepository({ params: { repository }, body }),
    onSettled,
  });
}

export function useRemoveRepository(repository: string) {
  return useMutation({ mutationFn: () => client.removeRepository({ params: { repository } }), onSettled });
}

export function useSecrets(repository: string) {
  return useQuery({
    queryKey: keys.secrets(repository),
    queryFn: ({ signal }) => client.listSecrets({ params: { repository }, signal }),
  });
}

export function useSetSecret(repository: string) {
  return useMutation({
    mutationFn: ({ secret, body }: { secret: string; body: SetSecret }) =>
      client.setSecret({ params: { repository, secret }, body }),
    onSettled,
  });
}

export function useRemoveSecret(repository: string, secret: string) {
  return useMutation({ mutationFn: () => client.removeSecret({ params: { repository, secret } }), onSettled });
}

export function useRules(repository: string) {
  return useQuery({
    queryKey: keys.rules(repository),
    queryFn: ({ signal }) => client.listRules({ params: { repository }, signal }),
  });
}

export function useAddRule(repository: string) {
  return useMutation({ mutationFn: (body: AddRule) => client.addRule({ params: { repository }, body }), onSettled });
}

export function useEditRule(repository: string, ruleId: string) {
  return useMutation({
    mutationFn: (body: EditRule) => client.editRule({ params: { repository, ruleId }, body }),
    onSettled,
  });
}

export function useRemoveRule(repository: string) {
  return useMutation({
    mutationFn: (ruleId: string) => client.removeRule({ params: { repository, ruleId } }),
    onSettled,
  });
}

/** Which of the newest requests a rule would have decided. */
export function usePreviewRule(repository: string) {
  return useMutation({ mutationFn: (body: PreviewRule) => client.previewRule({ params: { repository }, body }) });
}
