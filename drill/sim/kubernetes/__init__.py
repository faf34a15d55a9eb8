"""What a cluster does around pods: the kubelet's back-off, the scheduler, roll-outs, the autoscaler's arithmetic."""
