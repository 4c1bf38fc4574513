using System.Net.Sockets;
using System.Security.Cryptography;
using ClawEvents.Broker.Tests.Support.Servers;
using Microsoft.AspNetCore.Connections;

namespace ClawEvents.Broker.Tests.Transport;

/// <summary>What Kestrel may expect of a transport; the same for all of them.</summary>
[TestFixtureSource(typeof(TestTransports), nameof(TestTransports.All))]
internal sealed class TransportContract(TestTransport transport)
{
    // More than sockets of both ends and the pipes hold together.
    private const int LargeBytes = 24 * 1024 * 1024;

    private readonly TestListeners _listeners = new(transport);

    [TearDown]
    public ValueTask StopListeners() => _listeners.DisposeAsync();

    [Test]
    public async Task Large_data_is_echoed_whole_while_both_directions_are_full()
    {
        var listener = await _listeners.BindAsync();
        var server = EchoServer.Start(listener);
        var data = RandomNumberGenerator.GetBytes(LargeBytes);
        using var client = await ConnectAsync(listener);

        var sending = SendAndEndAsync(client, data);
        var echo = await ReadToEndAsync(client);

        await sending;
        Assert.That(echo.AsSpan().SequenceEqual(data), Is.True);
        await listener.UnbindAsync();
        await server.Ended.WaitAsync(RunningBroker.Patience);
    }

    [Test]
    public async Task Many_connections_are_served_and_give_their_places_back()
    {
        const int count = 300;
        var listener = await _listeners.BindAsync();
        EchoServer.Start(listener);

        var echoes = await Task.WhenAll(Enumerable.Range(0, count).Select(number => EchoAsync(listener, BitConverter.GetBytes(number))));

        Assert.That(echoes.Select(echo => BitConverter.ToInt32(echo)), Is.EqualTo(Enumerable.Range(0, count)));
        await Support.Eventually.IsTrueAsync(() => _listeners.Gate.Open == 0);
    }

    [Test]
    public async Task Data_that_nobody_reads_stops_its_sender()
    {
        var (client, connection) = await ConnectBothAsync();
        var sending = SendAndEndAsync(client, new byte[2 * LargeBytes]);

        var read = await connection.Transport.Input.ReadAsync();
        connection.Transport.Input.AdvanceTo(read.Buffer.Start);
        Assert.That(sending.IsCompleted, Is.False);
        var received = 0L;
        while (!read.IsCompleted)
        {
            read = await connection.Transport.Input.ReadAsync().AsTask().WaitAsync(RunningBroker.Patience);
            Assert.That(read.Buffer.Length, Is.LessThan(LargeBytes), "The pipe has a limit.");
            received += read.Buffer.Length;
            connection.Transport.Input.AdvanceTo(read.Buffer.End);
        }

        Assert.That(received, Is.EqualTo(2 * LargeBytes));
        await sending;
        await EndAsync(client, connection);
    }

    [Test]
    public async Task A_client_that_sends_no_more_still_gets_an_answer()
    {
        var (client, connection) = await ConnectBothAsync();
        await SendAndEndAsync(client, [1, 2, 3]);
        var request = new MemoryStream();
        await connection.Transport.Input.CopyToAsync(request);

        await connection.Transport.Output.WriteAsync(request.ToArray());
        await connection.DisposeAsync();

        Assert.That(await ReadToEndAsync(client), Is.EqualTo(new byte[] { 1, 2, 3 }));
        client.Dispose();
    }

    [Test]
    public async Task What_was_written_before_the_end_arrives_before_the_end()
    {
        var (client, connection) = await ConnectBothAsync();
        var writing = connection.Transport.Output.WriteAsync(new byte[LargeBytes]).AsTask();

        // What the client has sent and nobody has read must not make the end a reset.
        await client.SendAsync(new byte[1000]);
        var reading = ReadToEndAsync(client);
        await writing;
        await connection.DisposeAsync();

        Assert.That(await reading, Has.Length.EqualTo(LargeBytes));
        client.Dispose();
    }

    [Test]
    public async Task Disposal_waits_for_a_client_that_does_not_read_until_the_connection_is_aborted()
    {
        var (client, connection) = await ConnectBothAsync();
        _ = connection.Transport.Output.WriteAsync(new byte[LargeBytes]).AsTask();

        var disposal = connection.DisposeAsync().AsTask();
        Assert.That(disposal.IsCompleted, Is.False);
        connection.Abort();

        await disposal.WaitAsync(RunningBroker.Patience);
        client.Dispose();
        await Support.Eventually.IsTrueAsync(() => _listeners.Gate.Open == 0);
    }

    [Test]
    public async Task An_abort_ends_both_directions()
    {
        var (client, connection) = await ConnectBothAsync();
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.ConnectionClosed.Register(closed.SetResult);

        connection.Abort(new ConnectionAbortedException());

        Assert.That(await ReadToEndAsync(client), Is.Empty);
        Assert.That(await IsOverAsync(connection), Is.True);
        await closed.Task.WaitAsync(RunningBroker.Patience);
        await EndAsync(client, connection);
    }

    [Test]
    public async Task A_reset_by_the_client_ends_the_connection()
    {
        var (client, connection) = await ConnectBothAsync();
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.ConnectionClosed.Register(closed.SetResult);

        client.LingerState = new LingerOption(enable: true, seconds: 0);
        client.Close();

        Assert.That(await IsOverAsync(connection), Is.True);
        await closed.Task.WaitAsync(RunningBroker.Patience);
        await connection.DisposeAsync();
        Assert.That(_listeners.Gate.Open, Is.Zero);
    }

    [Test]
    public async Task A_write_to_a_client_that_is_gone_completes()
    {
        var (client, connection) = await ConnectBothAsync();
        client.LingerState = new LingerOption(enable: true, seconds: 0);
        client.Close();
        await IsOverAsync(connection);

        var flush = await connection.Transport.Output.WriteAsync(new byte[LargeBytes]).AsTask().WaitAsync(RunningBroker.Patience);
        await connection.DisposeAsync();

        Assert.That(flush.IsCompleted, Is.True);
    }

    [Test]
    public async Task Addresses_of_both_ends_are_known()
    {
        var (client, connection) = await ConnectBothAsync();

        Assert.That(connection.RemoteEndPoint, Is.EqualTo(client.LocalEndPoint));
        Assert.That(connection.LocalEndPoint, Is.EqualTo(client.RemoteEndPoint));
        await EndAsync(client, connection);
    }

    private async Task<(Socket Client, ConnectionContext Connection)> ConnectBothAsync()
    {
        var listener = await _listeners.BindAsync();
        var client = await ConnectAsync(listener);
        return (client, (await listener.AcceptAsync().AsTask().WaitAsync(RunningBroker.Patience))!);
    }

    private static async Task EndAsync(Socket client, ConnectionContext connection)
    {
        client.Dispose();
        await connection.DisposeAsync().AsTask().WaitAsync(RunningBroker.Patience);
    }

    // Whether a read says so by its result or, as Kestrel's sockets do, by an exception.
    private static async Task<bool> IsOverAsync(ConnectionContext connection)
    {
        try
        {
            return (await connection.Transport.Input.ReadAsync().AsTask().WaitAsync(RunningBroker.Patience)).IsCompleted;
        }
        catch (Exception exception) when (exception is ConnectionResetException or ConnectionAbortedException)
        {
            return true;
        }
    }

    internal static async Task<byte[]> EchoAsync(IConnectionListener listener, byte[] data)
    {
        using var client = await ConnectAsync(listener);
        await SendAndEndAsync(client, data);
        return await ReadToEndAsync(client);
    }

    private static async Task<Socket> ConnectAsync(IConnectionListener listener)
    {
        var socket = new Socket(listener.EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(listener.EndPoint).WaitAsync(RunningBroker.Patience);
        return socket;
    }

    private static async Task SendAndEndAsync(Socket client, byte[] data)
    {
        for (var sent = 0; sent < data.Length;)
        {
            sent += await client.SendAsync(data.AsMemory(sent)).AsTask().WaitAsync(RunningBroker.Patience);
        }

        client.Shutdown(SocketShutdown.Send);
    }

    private static async Task<byte[]> ReadToEndAsync(Socket client)
    {
        var (all, buffer) = (new MemoryStream(), new byte[64 * 1024]);
        try
        {
            while (await client.ReceiveAsync(buffer).WaitAsync(RunningBroker.Patience) is var length and not 0)
            {
                all.Write(buffer, 0, length);
            }
        }
        catch (SocketException)
        {
            // A reset is an end, too.
        }

        return all.ToArray();
    }
}
