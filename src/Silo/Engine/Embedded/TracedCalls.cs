using System.Diagnostics;
using Orleans;
using Orleans.Runtime;

namespace Grid.Silo.Engine;

/// <summary>
/// A span for each call of a grain, on either side, in the caller's trace. The trace's place travels with the request context (W3C Trace Context), as
/// Orleans has it: a grain's turn knows nothing of its caller's thread.
/// </summary>
internal sealed class TracedCalls : IOutgoingGrainCallFilter, IIncomingGrainCallFilter
{
    private const string Place = "traceparent";
    private static readonly ActivitySource s_calls = new("Grid.Calls");

    public Task Invoke(IOutgoingGrainCallContext context) =>
        s_calls.StartActivity($"{context.InterfaceName}/{context.MethodName}", ActivityKind.Client) is { } span ? SendAsync(context, span) : context.Invoke();

    public Task Invoke(IIncomingGrainCallContext context) =>
        RequestContext.Get(Place) is string place && s_calls.StartActivity($"{context.InterfaceName}/{context.MethodName}", ActivityKind.Server, place) is { } span
            ? RunAsync(context, span)
            : context.Invoke();

    private static async Task SendAsync(IOutgoingGrainCallContext context, Activity span)
    {
        RequestContext.Set(Place, span.Id!);
        await RunAsync(context, span);
    }

    private static async Task RunAsync(IGrainCallContext context, Activity span)
    {
        using (span)
        {
            span.SetTag("rpc.system", "grid").SetTag("rpc.target_id", context.TargetId.ToString());
            try
            {
                await context.Invoke();
            }
            catch (Exception failure)
            {
                span.SetStatus(ActivityStatusCode.Error, failure.Message);
                throw;
            }
        }
    }
}
