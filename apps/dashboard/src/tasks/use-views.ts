import type { CreateView, EditView, View } from '@corch/contract';
import { useMutation, useQuery } from '@tanstack/react-query';
import { client } from '../api/client.js';
import { keys, queryClient } from '../api/query-client.js';

/** The saved views of whoever is signed in, and those that are shared. */
export function useViews() {
  return useQuery({ queryKey: keys.views, queryFn: ({ signal }) => client.listViews({ signal }) });
}

const onSettled = () => void queryClient.invalidateQueries({ queryKey: keys.views });

export function useCreateView() {
  return useMutation({ mutationFn: (body: CreateView) => client.createView({ body }), onSettled });
}

export function useEditView() {
  return useMutation({
    mutationFn: ({ view, body }: { view: View; body: EditView }) =>
      client.editView({ params: { viewId: view.id }, body }),
    onSettled,
  });
}

export function useDeleteView() {
  return useMutation({ mutationFn: (view: View) => client.deleteView({ params: { viewId: view.id } }), onSettled });
}

/** How many tasks a filter finds, for the chip of a view. */
export function useCount(filter: string) {
  return useQuery({
    queryKey: [...keys.taskLists, 'total', filter],
    queryFn: ({ signal }) => client.countTasks({ query: filter === '' ? {} : { filter }, signal }),
    staleTime: 30_000,
    refetchInterval: 60_000,
  });
}
