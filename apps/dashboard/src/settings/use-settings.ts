import type { EditSettings } from '@corch/contract';
import { useMutation, useQuery } from '@tanstack/react-query';
import { client } from '../api/client.js';
import { keys, queryClient } from '../api/query-client.js';

export function useSettings() {
  return useQuery({ queryKey: keys.settings, queryFn: ({ signal }) => client.readSettings({ signal }) });
}

export function useEditSettings() {
  return useMutation({
    mutationFn: (body: EditSettings) => client.editSettings({ body }),
    onSettled: () => {
      void queryClient.invalidateQueries({ queryKey: keys.settings });
      void queryClient.invalidateQueries({ queryKey: keys.adminStats });
    },
  });
}
