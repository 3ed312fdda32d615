using Grid.PointCloud.Laz.Coding;

namespace Grid.PointCloud.Laz.Layered;

/// <summary>What a layer of POINT14 keeps a scanner channel: models and last values.</summary>
internal abstract unsafe class ChannelContext
{
    protected ModelArena Arena { get; } = new();

    /// <summary>Makes the models fresh, and takes the last values from a record.</summary>
    public void Begin(byte* record)
    {
        Arena.Restart();
        TakeLast(record);
    }

    protected abstract void TakeLast(byte* record);
}

/// <summary>A layer of POINT14 with contexts a scanner channel.</summary>
internal abstract unsafe class ChannelLayer<TCoder, TContext> : CodedLayer<TCoder>
    where TCoder : struct, ILayerCoder
    where TContext : ChannelContext, new()
{
    private readonly TContext?[] _contexts = new TContext?[4];

    public sealed override void Restart(byte* first, int channel) => Of(channel).Begin(first);

    public sealed override List<Run> Runs(PointBlock block) => block.Runs;

    public sealed override TCoder Open(PointBlock block, in Run run)
    {
        var context = Of(run.Context);
        if (run.IsNew)
            context.Begin(block[run.Start - 1]);
        return Open(context);
    }

    protected abstract TCoder Open(TContext context);

    private TContext Of(int channel) => _contexts[channel] ??= new TContext();
}
