import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { CopyButton } from './CopyButton';

describe('CopyButton', () => {
  it('copies, says so, and leaves the row around it alone', async () => {
    const user = userEvent.setup();
    const onRow = jest.fn();
    const written = jest.spyOn(navigator.clipboard, 'writeText');
    render(
      // eslint-disable-next-line jsx-a11y/no-static-element-interactions, jsx-a11y/click-events-have-key-events
      <div onClick={onRow}>
        <CopyButton text="registry/orders:v1" label="image" />
      </div>,
    );
    await user.click(screen.getByRole('button', { name: 'Copy image' }));
    expect(
      await screen.findByRole('button', { name: 'Copied image' }),
    ).toBeInTheDocument();
    expect(onRow).not.toHaveBeenCalled();
    expect(written).toHaveBeenCalledWith('registry/orders:v1');
  });

  it('does not claim to have copied what it could not', async () => {
    const user = userEvent.setup();
    jest
      .spyOn(navigator.clipboard, 'writeText')
      .mockRejectedValue(new Error('denied'));
    document.execCommand = () => false;
    render(<CopyButton text="x" label="image" />);
    await user.click(screen.getByRole('button', { name: 'Copy image' }));
    expect(
      await screen.findByRole('button', { name: 'Could not copy image' }),
    ).toBeInTheDocument();
  });
});
