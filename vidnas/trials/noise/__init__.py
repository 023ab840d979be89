"""How sure is what a study found? Seeds, clips, and what they leave in doubt.

```text
repeats       which networks are trained again, and what their seeds say of all
membership    how probably a trial belongs to the front
family_doubt  how firmly each size of a family stands; what repeats would settle
equal_budgets the best baseline within the budgets of each size
```
"""
