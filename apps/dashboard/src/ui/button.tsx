import { clsx } from 'clsx';
import { LoaderCircle } from 'lucide-react';
import type { ComponentProps, ReactNode } from 'react';
import { Link } from 'react-router-dom';

type Look = 'primary' | 'plain' | 'quiet' | 'danger';

const looks: Record<Look, string> = {
  primary: 'bg-accent text-on-accent hover:brightness-110 font-medium',
  plain: 'border border-line bg-surface text-ink hover:bg-sunken',
  quiet: 'text-muted hover:bg-sunken hover:text-ink',
  danger: 'border border-line bg-surface text-red hover:bg-red-soft',
};

export function buttonClass(look: Look = 'plain', className?: string): string {
  return clsx(
    'inline-flex min-h-9 items-center justify-center gap-1.5 rounded-lg px-3 text-sm whitespace-nowrap',
    'disabled:cursor-not-allowed disabled:opacity-60 aria-disabled:opacity-60',
    looks[look],
    className,
  );
}

interface ButtonProps extends ComponentProps<'button'> {
  look?: Look;
  /** Something was asked for and is not answered yet: the button turns and cannot be pressed again. */
  pending?: boolean;
  icon?: ReactNode;
}

export function Button({ look, pending = false, icon, className, children, disabled, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      disabled={disabled === true || pending}
      aria-busy={pending || undefined}
      className={buttonClass(look, className)}
    >
      {pending ? <LoaderCircle size={16} aria-hidden className="animate-spin" /> : icon}
      {children}
    </button>
  );
}

interface ButtonLinkProps extends ComponentProps<typeof Link> {
  look?: Look;
  icon?: ReactNode;
}

/** A link that looks like a button. */
export function ButtonLink({ look, icon, className, children, ...rest }: ButtonLinkProps) {
  return (
    <Link {...rest} className={buttonClass(look, className)}>
      {icon}
      {children}
    </Link>
  );
}
