import { QueryClientProvider } from '@tanstack/react-query';
import { createBrowserRouter, RouterProvider, type RouteObject } from 'react-router-dom';
import { taskQuery } from './api/first-queries.js';
import { queryClient } from './api/query-client.js';
import { BrokenPage } from './shell/broken-page.js';
import { Layout } from './shell/layout.js';
import { NotFoundPage } from './shell/not-found-page.js';
import { NowPage } from './now/now-page.js';

/** What is not needed for the first look arrives when it is opened. */
const pages: RouteObject[] = [
  { index: true, Component: NowPage },
  { path: 'tasks', lazy: async () => ({ Component: (await import('./tasks/tasks-page.js')).TasksPage }) },
  {
    path: 'tasks/:taskId',
    lazy: async () => ({ Component: (await import('./tasks/task-page.js')).TaskPage }),
    // Not waited for: the page says what became of it.
    loader: ({ params: { taskId = '' } }) => {
      void queryClient.prefetchQuery(taskQuery(taskId));
      return null;
    },
    shouldRevalidate: ({ currentParams, nextParams }) => currentParams['taskId'] !== nextParams['taskId'],
  },
  { path: 'new', lazy: async () => ({ Component: (await import('./tasks/new-task-page.js')).NewTaskPage }) },
  {
    path: 'approvals',
    lazy: async () => ({ Component: (await import('./approvals/approvals-page.js')).ApprovalsPage }),
  },
  { path: 'workers', lazy: async () => ({ Component: (await import('./workers/workers-page.js')).WorkersPage }) },
  {
    path: 'repositories',
    lazy: async () => ({ Component: (await import('./repositories/repositories-page.js')).RepositoriesPage }),
  },
  {
    path: 'repositories/:repository',
    lazy: async () => ({ Component: (await import('./repositories/repository-page.js')).RepositoryPage }),
  },
  {
    path: 'statistics',
    lazy: async () => ({ Component: (await import('./statistics/statistics-page.js')).StatisticsPage }),
  },
  {
    path: 'settings/:part?',
    lazy: async () => ({ Component: (await import('./settings/settings-page.js')).SettingsPage }),
  },
  { path: '*', Component: NotFoundPage },
];

const router = createBrowserRouter([
  {
    ErrorBoundary: BrokenPage,
    HydrateFallback: () => null,
    children: [
      { path: '/sign-in', lazy: async () => ({ Component: (await import('./access/sign-in-page.js')).SignInPage }) },
      {
        Component: Layout,
        // A page that breaks leaves the way to the others.
        children: [{ ErrorBoundary: BrokenPage, children: pages }],
      },
    ],
  },
]);

export function App() {
  return (
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  );
}
